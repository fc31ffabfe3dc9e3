-- Why: A batch moves its positions in the same transaction as its decisions, by compare-and-set. A partition stays as
--   it is if another worker has moved it, or a reset has ended its reading. The partitions come sorted. If Postgres
--   ever locks them in another order, a deadlock may undo the batch, and the worker tries the batch again.
-- Runs it: the worker's ledger, in each batch with records.
-- $1 group_id (text): the consumer group.
-- $2 topic (text[]): the topic of each partition; the partitions come sorted.
-- $3 partition (integer[]): its number.
-- $4 expected (bigint[]): the offset at which the batch begins. The position must still be there.
-- $5 next_offset (bigint[]): the offset after the batch: the new position.
-- $6 skipped (bigint[]): offsets in between that hold no record.
-- $7 assigned (bigint[]): how many records had this outcome.
-- $8 waiting (bigint[]): how many records had this outcome.
-- $9 already_assigned (bigint[]): how many records had this outcome.
-- $10 no_match (bigint[]): how many records had this outcome.
-- $11 contact_recorded (bigint[]): how many records had this outcome.
-- $12 dead_lettered (bigint[]): how many records had this outcome.
-- $13 reading (integer): the group's highest reading when the worker read the positions. A later reset begins a higher
--   one.
-- Returns nothing; the command tag tells how many partitions moved. If one did not, the ledger undoes the batch.
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
