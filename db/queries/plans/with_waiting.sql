-- Why: When a manager comes back, a worker wakes the plans in which leads wait. Workers ask every few seconds, and few
--   plans have any. So the statement goes from one to the next by the index of the leads. A scan of the counters would
--   read all the space that old row versions once took up.
-- Runs it: each worker, while it follows the plans: after each look for changes, and until no plan is to be woken.
-- Returns plan_no of these plans.
with recursive p (plan_no) as (
    select min(plan_no) from salesplan.waiting_lead
    union all
    select (select min(w.plan_no) from salesplan.waiting_lead w where w.plan_no > p.plan_no)
    from p
    where p.plan_no is not null
)
select plan_no from p join salesplan.plan_counter c using (plan_no) where c.waiting > 0
