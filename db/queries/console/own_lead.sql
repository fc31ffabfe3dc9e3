-- Why: A manager sees why a client is his, from his own rows only.
-- Runs it: the console's page `/lead` of a manager, after console/enter.
-- $1 lead_id (text): the lead.
-- Returns a row for each plan in which the lead is his, by plan_id: plan_id and plan_name, and then as console/own_page.
select plan_id, plan_name, assigned_at, reason, contacted_at, trigger_kind, trigger_ref, trigger_name
from salesplan_api.own_lead($1)
