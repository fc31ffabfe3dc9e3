-- Why: A head of sales sees that leads come in. The page warns if none has come for an unusually long time.
-- Runs it: the console's page `/plans`, after console/enter. It reads two rows of the ledger per plan.
-- Returns one row: assigned_at, the time of the account's latest lead; twenty_before, the time of the lead 20 numbers
--   before it in the same plan, null if there is none. No row if the account has no lead.
select a.assigned_at, b.assigned_at as twenty_before
from salesplan.plan_counter c
cross join lateral (
    select assigned_at from salesplan.account_assignment where plan_no = c.plan_no and plan_seq = c.last_seq offset 0
) a
left join lateral (
    select assigned_at
    from salesplan.account_assignment
    where plan_no = c.plan_no and plan_seq = c.last_seq - 20
    offset 0
) b on true
order by a.assigned_at desc
limit 1
