-- I2: a plan counts the leads that wait in it.
select format('%s/%s: the counter says %s leads wait, there are %s', p.account_id, p.plan_id, c.waiting,
              coalesce(w.leads, 0)),
       count(*) over ()
from salesplan.plan_counter c
full join (select plan_no, count(*) as leads from salesplan.waiting_lead group by plan_no) w using (plan_no)
left join salesplan.plan p using (plan_no)
where c.waiting is distinct from coalesce(w.leads, 0)
order by p.account_id, p.plan_id
limit $1
