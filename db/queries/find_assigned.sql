-- Which leads of the batch their plans already have.
-- Lateral, `offset 0`: key by key through the index, whatever the statistics say.
select a.plan_no, a.lead_id
from unnest($1::integer[], $2::text[]) as k (plan_no, lead_id)
cross join lateral (
    select plan_no, lead_id
    from salesplan.assignment
    where lead_id = k.lead_id and plan_no = k.plan_no
    offset 0
) a
