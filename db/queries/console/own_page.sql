-- Why: A manager sees his clients of a plan page by page, newest first. A page begins after the last lead of the page
--   before. A plan_seq in its place would tell how many clients the other managers have.
-- Runs it: the console's pages `/my/{plan}` and `/my/{plan}.csv`, after console/enter.
-- $1 plan_id (text): the plan.
-- $2 below (text): lead_id of the last client on the page before; null for the first page. No row comes back if this
--   lead is not the manager's in this plan.
-- $3 at_most (integer): how many rows to return at most, but never more than 200.
-- Returns one row per client: lead_id, assigned_at, reason; contacted_at, the manager's own latest contact with the
--   lead, or null; trigger_kind and trigger_ref, what brought the lead in; trigger_name, the name of that LGT or offer,
--   or null.
select lead_id, assigned_at, reason, contacted_at, trigger_kind, trigger_ref, trigger_name
from salesplan_api.own_page($1, $2, $3)
