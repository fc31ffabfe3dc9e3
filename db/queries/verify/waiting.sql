-- Why: (I2) A plan counts the leads that wait in it.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns a row an example: its text, and the number of faults in all. No row where the check holds.
select format('%s/%s: the counter says %s leads wait, there are %s', p.account_id, p.plan_id, c.waiting,
              coalesce(w.leads, 0)),
       count(*) over ()
from salesplan.plan_counter c
full join (select plan_no, count(*) as leads from salesplan.waiting_lead group by plan_no) w using (plan_no)
left join salesplan.plan p using (plan_no)
where c.waiting is distinct from coalesce(w.leads, 0)
order by p.account_id, p.plan_id
limit $1
