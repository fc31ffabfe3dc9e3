-- Why: A head of sales sees at a glance that leads come in.
-- Runs it: the console's page `/plans`, after console/enter. It reads one row of the ledger a plan.
-- Returns one row: assigned_at of the account's latest lead, null where there is none.
select max(a.assigned_at) as assigned_at
from salesplan.plan_counter c
cross join lateral (
    select assigned_at from salesplan.account_assignment where plan_no = c.plan_no and plan_seq = c.last_seq offset 0
) a
