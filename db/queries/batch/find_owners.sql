-- Why: A linked plan also prefers owners: managers who have the lead in another plan of the account. The order goes
--   by the number of the deciding batch, since the clock may have been set back. Rows without that number are of an
--   earlier release and come first. Where a plan of this batch still has to decide about a lead, the lead is only in
--   other plans. So "another plan" needs no condition. With `lateral` and `offset 0` Postgres goes key by key through
--   the indexes, whatever the statistics say.
-- Runs it: the worker's ledger, in batches with leads that enter linked plans.
-- $1 account_id (text[]): the account of each lead.
-- $2 lead_id (text[]): the leads, in the order of $1.
-- Returns a row for each assignment of such a lead in its account, latest last: account_id, lead_id, plan_id,
--   manager_id.
select k.account_id, a.lead_id, p.plan_id, a.manager_id
from unnest($1::text[], $2::text[]) as k (account_id, lead_id)
cross join lateral (
    select lead_id, plan_no, manager_id, batch, assigned_at, event_id
    from salesplan.assignment
    where lead_id = k.lead_id
    offset 0
) a
cross join lateral (
    select plan_id from salesplan.plan where plan_no = a.plan_no and account_id = k.account_id offset 0
) p
order by a.batch nulls first, a.assigned_at, a.event_id
