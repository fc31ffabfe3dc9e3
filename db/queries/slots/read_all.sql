-- The slots of group $1 that somebody may own or that hold something unpublished. `version` is another one after each
-- renewal, whatever the clock says; `ran_out` is by the clock; who gave a slot back left it free. `held_topic` and
-- `held_bytes` are of a slot that waits until its topic takes a batch of so many bytes.
select s.number, s.xmin as version, s.sequence > s.confirmed as owes, s.lease_until = '-infinity' as is_free,
       s.lease_until < clock_timestamp() as ran_out, held.held_topic, held.held_bytes
from salesplan.slot s
left join lateral (
    select o.held_topic, o.held_bytes
    from salesplan.outbox o
    where o.group_id = s.group_id and o.slot_number = s.number and o.held_topic is not null
    limit 1
) held on s.sequence > s.confirmed
where s.group_id = $1 and (s.sequence > s.confirmed or s.lease_until > '-infinity')
