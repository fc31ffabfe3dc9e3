-- For readiness, log and metrics: which topics hold messages of the group back, how many, and the bytes of a batch that
-- each topic must take. $1 group.
select o.held_topic, sum(o.held_messages)::bigint as messages, max(o.held_bytes) as bytes
from salesplan.outbox o
join salesplan.slot s on s.group_id = o.group_id and s.number = o.slot_number and o.sequence > s.confirmed
where o.group_id = $1 and o.held_topic is not null
group by o.held_topic
order by o.held_topic
