-- Compare-and-set: a partition that somebody else has moved, or that was reset since the positions were read, is not
-- updated, and the count tells.
-- The rows come sorted; should a plan lock them in another order, a deadlock undoes the batch, and it is tried again.
update salesplan.position p
set next_offset = m.next_offset,
    epoch_offset = m.next_offset, -- the leader's epoch that is kept holds for these records too
    skipped = p.skipped + m.skipped,
    assigned = p.assigned + m.assigned,
    waiting = p.waiting + m.waiting,
    already_assigned = p.already_assigned + m.already_assigned,
    no_match = p.no_match + m.no_match,
    contact_recorded = p.contact_recorded + m.contact_recorded,
    dead_lettered = p.dead_lettered + m.dead_lettered
from unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
            $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])
    as m (topic, partition, expected, next_offset, skipped,
          assigned, waiting, already_assigned, no_match, contact_recorded, dead_lettered)
where p.group_id = $1 and p.topic = m.topic and p.partition = m.partition and p.next_offset = m.expected
  and p.reading <= $13
