-- Why: A head of sales sees in which plans leads wait, and for how long.
-- Runs it: the console's pages `/plans` and `/waiting`, after console/enter. It reads all waiting leads of these plans.
-- Returns one row per plan with waiting leads, by plan_no: plan_no; leads, how many wait; oldest, the time since which
--   the first one waits.
select c.plan_no, w.leads, w.oldest
from salesplan.plan_counter c
cross join lateral (
    select count(*) as leads, min(since) as oldest from salesplan.account_waiting_lead where plan_no = c.plan_no
) w
where c.waiting > 0 and w.leads > 0
order by c.plan_no
