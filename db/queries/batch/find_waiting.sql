-- Why: A lead waits only once in a plan. So a batch asks which of its leads wait already. It asks only for plans in
--   which leads wait. With `lateral` and `offset 0` Postgres goes key by key through the index, whatever the statistics
--   say.
-- Runs it: the worker's ledger, in batches that touch such plans.
-- $1 plan_no (integer[]): the plan of each key.
-- $2 lead_id (text[]): the lead of each key, in the order of $1.
-- Returns plan_no and lead_id of the keys that wait.
select w.plan_no, w.lead_id
from unnest($1::integer[], $2::text[]) as k (plan_no, lead_id)
cross join lateral (
    select plan_no, lead_id
    from salesplan.waiting_lead
    where lead_id = k.lead_id and plan_no = k.plan_no
    offset 0
) w
