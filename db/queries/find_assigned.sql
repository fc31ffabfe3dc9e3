-- Which leads of the batch their plans already have.
select a.plan_no, a.lead_id
from unnest($1::integer[], $2::text[]) as k (plan_no, lead_id)
join salesplan.assignment a on a.lead_id = k.lead_id and a.plan_no = k.plan_no
