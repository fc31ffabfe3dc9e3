-- Which managers the leads that enter linked plans have in other plans of their account, latest last.
-- By the number of the deciding batch, since the clock may have been set back; rows without one are of a release before.
-- The lead is in no plan of this batch that still has to decide about it, so "other" needs no condition.
-- Lateral, `offset 0`: key by key through the indexes, whatever the statistics say.
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
