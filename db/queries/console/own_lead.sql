-- Why: A manager sees why a client was given to him. He sees his own rows only.
-- Runs it: the console's page `/lead` of a manager, after console/enter.
-- $1 lead_id (text): the lead.
-- Returns one row per plan in which the lead is his, by plan_id: plan_id and plan_name, and then the columns of
--   console/own_page without lead_id.
select plan_id, plan_name, assigned_at, reason, contacted_at, trigger_kind, trigger_ref, trigger_name
from salesplan_api.own_lead($1)
