-- Take over a slot whose owner is gone and has left something unpublished, unless a topic does not take it yet: $4 are
-- topics, $5 the bytes of a batch that each takes.
update salesplan.slot s
set epoch = s.epoch + 1, lease_until = clock_timestamp() + make_interval(secs => $2), owner = $3
from (
    select group_id, number
    from salesplan.slot s
    where group_id = $1 and lease_until < clock_timestamp() and sequence > confirmed
      and not exists (
          select from salesplan.outbox o
          join unnest($4::text[], $5::integer[]) as takes (topic, bytes) on takes.topic = o.held_topic
          where o.group_id = s.group_id and o.slot_number = s.number and o.held_bytes > takes.bytes
      )
    order by lease_until
    limit 1
    for update skip locked
) free
where s.group_id = free.group_id and s.number = free.number
returning s.number, s.epoch, s.sequence, s.confirmed
