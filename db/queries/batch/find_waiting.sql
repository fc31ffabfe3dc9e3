-- Which leads of the batch already wait in their plans; asked only of plans in which somebody waits.
-- Lateral, `offset 0`: key by key through the index, whatever the statistics say.
select w.plan_no, w.lead_id
from unnest($1::integer[], $2::text[]) as k (plan_no, lead_id)
cross join lateral (
    select plan_no, lead_id
    from salesplan.waiting_lead
    where lead_id = k.lead_id and plan_no = k.plan_no
    offset 0
) w
