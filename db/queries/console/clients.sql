-- Why: A head of sales sees a plan's clients page by page, newest first. They are those of all managers, or of one.
-- Runs it: the console's pages `/plans/{plan}`, `/plans/{plan}/clients` and `/plans/{plan}/clients.csv`, after
--   console/enter.
-- $1 plan_id (text): the plan.
-- $2 manager_id (text): the manager; null for all.
-- $3 below (bigint): plan_seq of the last client on the page before; null for the newest.
-- $4 at_most (integer): how many rows to return at most, but never more than 1,000.
-- Returns one row per client: plan_seq, lead_id, manager_id, reason, plan_version, trigger_kind, trigger_ref,
--   assigned_at.
select plan_seq, lead_id, manager_id, reason, plan_version, trigger_kind, trigger_ref, assigned_at
from salesplan_api.account_page($1, $2, $3, $4)
