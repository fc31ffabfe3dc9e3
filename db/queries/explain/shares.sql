-- How the plan was shared out before a number: reads the rows of this one plan, by the primary key.
select manager_id, count(*) as leads, max(plan_seq) as last_seq
from salesplan.assignment
where plan_no = $1 and plan_seq < $2
group by manager_id
