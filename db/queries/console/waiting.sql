-- Why: A head of sales sees which leads wait in a plan, the next one to be assigned first.
-- Runs it: the console's page `/plans/{plan}/waiting`, after console/enter. It reads all of the plan's waiting leads.
-- $1 plan_no (integer): the plan.
-- $2 at_most (bigint): how many rows to return at most.
-- Returns one row per lead, in the order in which they will be assigned: lead_id, since, trigger_kind, trigger_ref.
select lead_id, since, trigger_kind, trigger_ref
from salesplan.account_waiting_lead
where plan_no = $1
order by arrival
limit $2
