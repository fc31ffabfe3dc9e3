-- Why: A head of sales sees how long each manager of a plan has had no new lead.
-- Runs it: the console's page `/plans/{plan}`, after console/enter. It reads one row of the ledger per manager.
-- $1 plan_no (integer): the plan.
-- Returns one row per manager who ever got a lead in the plan: manager_id; assigned_at, the time of the latest one.
select m.manager_id, a.assigned_at
from salesplan.plan p
join salesplan.plan_counter c on c.plan_no = p.plan_no
cross join unnest(p.roster, c.last_seqs) as m (manager_id, last_seq)
cross join lateral (
    select assigned_at from salesplan.account_assignment where plan_no = $1 and plan_seq = m.last_seq offset 0
) a
where p.plan_no = $1
