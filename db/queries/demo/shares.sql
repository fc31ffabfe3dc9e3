-- Why: The live view of the demo shows who got how many leads.
-- Runs it: `salesplan demo`, four times a second.
-- Returns a row for each plan and manager, in that order: plan_id, mode, manager_id, active, assigned_count.
select m.plan_id, p.mode, m.manager_id, m.active, m.assigned_count
from salesplan_api.plan_managers m
join salesplan_api.plans p using (account_id, plan_id)
order by m.plan_id, m.manager_id
