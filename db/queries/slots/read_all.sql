-- Why: A worker watches whether the owners of slots still renew them. It looks only at slots that may have an owner, or
--   that hold something unpublished.
-- Runs it: each worker, while it runs, about once a second.
-- $1 group_id (text): the consumer group.
-- Returns one row per slot: number; version, which changes with each renewal, whatever the clock says; owes: rows are
--   unpublished; is_given_back: its owner gave it back; ran_out: its lease is over by the clock; held_topic and
--   held_bytes: the slot waits until this topic takes a batch of so many bytes, else null.
select s.number, s.xmin as version, s.sequence > s.confirmed as owes, s.lease_until = '-infinity' as is_given_back,
       s.lease_until < clock_timestamp() as ran_out, held.held_topic, held.held_bytes
from salesplan.slot s
left join lateral (
    select o.held_topic, o.held_bytes
    from salesplan.outbox o
    where o.group_id = s.group_id and o.slot_number = s.number and o.held_topic is not null
    limit 1
) held on s.sequence > s.confirmed
where s.group_id = $1 and (s.sequence > s.confirmed or s.lease_until > '-infinity')
