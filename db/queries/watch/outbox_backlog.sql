-- For the metrics: of each slot of group $1 that has written more than is noted as published how much that is, the
-- oldest row of it, and that row's age by the clock, which is no age where the clock has been set.
select s.number, s.sequence - s.confirmed as pending, s.confirmed + 1 as oldest,
       coalesce(extract(epoch from clock_timestamp() - o.created_at), 0)::float8 as seconds
from salesplan.slot s
left join salesplan.outbox o
  on o.group_id = s.group_id and o.slot_number = s.number and o.sequence = s.confirmed + 1
where s.group_id = $1 and s.sequence > s.confirmed
