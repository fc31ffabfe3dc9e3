-- Why: A head of sales sees which plans let leads wait, and for how long.
-- Runs it: the console's pages `/plans` and `/waiting`, after console/enter. It reads their waiting leads.
-- Returns a row for each plan with waiting leads, by plan_no: plan_no, leads, and oldest, since when the first waits.
select c.plan_no, w.leads, w.oldest
from salesplan.plan_counter c
cross join lateral (
    select count(*) as leads, min(since) as oldest from salesplan.account_waiting_lead where plan_no = c.plan_no
) w
where c.waiting > 0 and w.leads > 0
order by c.plan_no
