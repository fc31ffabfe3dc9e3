-- Which managers contacted the leads of the batch that enter linked plans.
select c.account_id, c.lead_id, c.manager_id, c.occurred_at, c.arrival
from unnest($1::text[], $2::text[]) as k (account_id, lead_id)
join salesplan.contact c on c.account_id = k.account_id and c.lead_id = k.lead_id
