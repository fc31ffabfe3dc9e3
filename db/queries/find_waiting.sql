-- Which leads of the batch already wait in their plans; asked only of plans in which somebody waits.
select w.plan_no, w.lead_id
from unnest($1::integer[], $2::text[]) as k (plan_no, lead_id)
join salesplan.waiting_lead w on w.lead_id = k.lead_id and w.plan_no = k.plan_no
