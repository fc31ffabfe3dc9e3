-- Why: A plan with an active manager gives away the leads that have waited longest. The batch has locked the plan's
--   counter row.
-- Runs it: the worker's ledger, in each batch, for each of its plans in which leads wait and a manager is active.
-- $1 plan_no (integer): the plan.
-- $2 leads (bigint): how many leads at most.
-- Returns the waiting leads, oldest arrival first: arrival, lead_id, and what brought the lead in (trigger, source
--   record, trace context).
select arrival, lead_id, trigger_kind, trigger_ref, trigger_event_id,
       source_topic, source_partition, source_offset, traceparent
from salesplan.waiting_lead
where plan_no = $1
order by arrival
limit $2
