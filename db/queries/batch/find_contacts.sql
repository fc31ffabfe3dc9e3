-- Which managers contacted the leads of the batch that enter linked plans.
-- Lateral, `offset 0`: key by key through the index, whatever the statistics say.
select c.account_id, c.lead_id, c.manager_id, c.occurred_at, c.arrival
from unnest($1::text[], $2::text[]) as k (account_id, lead_id)
cross join lateral (
    select account_id, lead_id, manager_id, occurred_at, arrival
    from salesplan.contact
    where account_id = k.account_id and lead_id = k.lead_id
    offset 0
) c
