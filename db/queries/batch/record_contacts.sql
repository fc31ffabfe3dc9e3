-- Why: Linked plans need the latest contact of each manager with a lead, so an older one is not kept. The rows come
--   sorted by key, so that two workers can't deadlock.
-- Runs it: the worker's ledger, in batches with contacts.
-- $1 account_id (text[]): the account of each contact.
-- $2 lead_id (text[]): the lead.
-- $3 manager_id (text[]): the manager who contacted it.
-- $4 occurred_at (timestamptz[]): when that was.
-- $5 arrival (bigint[]): the contact's arrival number, which decides between equal times.
-- Returns nothing.
insert into salesplan.contact as c (account_id, lead_id, manager_id, occurred_at, arrival)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[])
on conflict (account_id, lead_id, manager_id) do update
set occurred_at = excluded.occurred_at, arrival = excluded.arrival
where (excluded.occurred_at, excluded.arrival) > (c.occurred_at, c.arrival)
