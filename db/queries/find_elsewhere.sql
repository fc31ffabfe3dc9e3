-- Which managers the leads that enter linked plans have in other plans of their account, latest last.
-- The lead is in no plan of this batch that still has to decide about it, so "other" needs no condition.
select k.account_id, a.lead_id, p.plan_id, a.manager_id
from unnest($1::text[], $2::text[]) as k (account_id, lead_id)
join salesplan.assignment a on a.lead_id = k.lead_id
-- By number, whatever the statistics say: an account may have many plans, a lead is in few.
cross join lateral (
    select plan_id, account_id from salesplan.plan where plan_no = a.plan_no offset 0
) p
where p.account_id = k.account_id
order by a.assigned_at, a.event_id
