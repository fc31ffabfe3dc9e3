-- Why: Readiness, log and metrics tell which topics hold messages back, and which limit lets them through.
-- Runs it: each worker, while it runs, every few seconds.
-- $1 group_id (text): the consumer group.
-- Returns one row per topic: held_topic; messages, how many wait; bytes, the size of a batch that the topic must take.
select o.held_topic, sum(o.held_messages)::bigint as messages, max(o.held_bytes) as bytes
from salesplan.outbox o
join salesplan.slot s on s.group_id = o.group_id and s.number = o.slot_number and o.sequence > s.confirmed
where o.group_id = $1 and o.held_topic is not null
group by o.held_topic
order by o.held_topic
