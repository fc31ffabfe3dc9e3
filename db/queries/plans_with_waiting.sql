-- Plans in which leads wait, for the wake-up after a manager came back. Asked every second, and few have any: from one to
-- the next by the index. Counter rows tell as well, but a scan of them passes all the room that old versions once took.
with recursive p (plan_no) as (
    select min(plan_no) from salesplan.waiting_lead
    union all
    select (select min(w.plan_no) from salesplan.waiting_lead w where w.plan_no > p.plan_no)
    from p
    where p.plan_no is not null
)
select plan_no from p where plan_no is not null
