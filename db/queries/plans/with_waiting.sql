-- Plans in which leads wait, for the wake-up after a manager came back. Asked every few seconds, and few have any: found
-- from one to the next by the index of the leads. A scan of the counters passes all that old versions once took up.
with recursive p (plan_no) as (
    select min(plan_no) from salesplan.waiting_lead
    union all
    select (select min(w.plan_no) from salesplan.waiting_lead w where w.plan_no > p.plan_no)
    from p
    where p.plan_no is not null
)
select plan_no from p join salesplan.plan_counter c using (plan_no) where c.waiting > 0
