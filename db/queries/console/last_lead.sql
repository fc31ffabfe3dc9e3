-- Why: A head of sales sees at a glance that leads come in, and the page warns if none has come for unusually long.
-- Runs it: the console's page `/plans`, after console/enter. It reads two rows of the ledger a plan.
-- Returns one row, or none where the account has no lead: assigned_at of its latest lead; twenty_before, when the lead
--   twenty numbers before that one in its plan was assigned, null where there is none.
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
