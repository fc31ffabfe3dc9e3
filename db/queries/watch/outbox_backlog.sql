-- Why: Metrics tell how many outbox rows are not known to be published, and how old they are.
-- Runs it: each worker, while it runs, every few seconds.
-- $1 group_id (text): the consumer group.
-- Returns a row for each slot that owes something: number; pending, how many rows; oldest, the sequence of the first of
--   them; seconds, that row's age by the clock, which is wrong where the clock has been set.
select s.number, s.sequence - s.confirmed as pending, s.confirmed + 1 as oldest,
       coalesce(extract(epoch from clock_timestamp() - o.created_at), 0)::float8 as seconds
from salesplan.slot s
left join salesplan.outbox o
  on o.group_id = s.group_id and o.slot_number = s.number and o.sequence = s.confirmed + 1
where s.group_id = $1 and s.sequence > s.confirmed
