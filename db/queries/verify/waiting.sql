-- Why: (I2) A plan's counter of waiting leads is the number of leads that wait in the plan.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s/%s: the counter says %s leads wait, there are %s', p.account_id, p.plan_id, c.waiting,
              coalesce(w.leads, 0)),
       count(*) over ()
from salesplan.plan_counter c
full join (select plan_no, count(*) as leads from salesplan.waiting_lead group by plan_no) w using (plan_no)
left join salesplan.plan p using (plan_no)
where c.waiting is distinct from coalesce(w.leads, 0)
order by p.account_id, p.plan_id
limit $1
