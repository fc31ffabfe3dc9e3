-- Why: A linked plan prefers managers who have the lead in another plan of the account, the latest assignment first.
--   The order is that of batch/find_owners.
-- Runs it: the console's pages `/lead` and `/plans/{plan}/try`, after console/enter.
-- $1 lead_id (text): the lead.
-- Returns one row per plan that has the lead, latest first: plan_no, plan_id, manager_id.
select a.plan_no, p.plan_id, a.manager_id
from salesplan.account_assignment a
join salesplan.plan p on p.plan_no = a.plan_no
where a.lead_id = $1
order by a.batch desc nulls last, a.assigned_at desc, a.event_id desc
