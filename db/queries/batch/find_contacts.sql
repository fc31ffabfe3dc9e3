-- Why: A linked plan prefers managers who have contacted the lead, so a batch asks who they are. With `lateral` and
--   `offset 0` Postgres goes key by key through the index, whatever the statistics say.
-- Runs it: the worker's ledger, in batches with leads that enter linked plans.
-- $1 account_id (text[]): the account of each lead.
-- $2 lead_id (text[]): the leads, in the order of $1.
-- Returns a row for each manager and lead: account_id, lead_id, manager_id; occurred_at, the latest contact; arrival,
--   its arrival number.
select c.account_id, c.lead_id, c.manager_id, c.occurred_at, c.arrival
from unnest($1::text[], $2::text[]) as k (account_id, lead_id)
cross join lateral (
    select account_id, lead_id, manager_id, occurred_at, arrival
    from salesplan.contact
    where account_id = k.account_id and lead_id = k.lead_id
    offset 0
) c
