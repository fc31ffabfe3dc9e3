-- For the metrics: what the group has written and not yet noted as published, and for how long the oldest of it lies.
select coalesce(sum(s.sequence - s.confirmed), 0)::bigint as pending,
       coalesce(extract(epoch from clock_timestamp() - min(oldest.created_at)), 0)::float8 as oldest_seconds
from salesplan.slot s
left join lateral (
    select o.created_at
    from salesplan.outbox o
    where o.group_id = s.group_id and o.slot_number = s.number and o.sequence > s.confirmed
    order by o.sequence
    limit 1
) oldest on s.sequence > s.confirmed
where s.group_id = $1
