-- Who got how many leads, for the live view.
select m.plan_id, p.mode, m.manager_id, m.active, m.assigned_count
from salesplan_api.plan_managers m
join salesplan_api.plans p using (account_id, plan_id)
order by m.plan_id, m.manager_id
