-- Why: The checks need the LGTs and offers that bring leads into each plan, by any of its versions. A rule is `always`
--   if every version of the plan lists the LGT or offer, and no version is archived.
-- Runs it: `salesplan verify`, once it has read the topics, before the checks.
-- Returns nothing.
with version as (
    select plan_no, version, archived, changed_at, lgts, ordered, payment_failed, paid,
           count(*) over w as versions, bool_or(archived) over w as ever_archived, min(changed_at) over w as since
    from salesplan.plan_version
    window w as (partition by plan_no)
)
insert into entry_rule (plan_no, account_id, kind, ref, since, always)
select v.plan_no, p.account_id, r.kind, r.ref, v.since,
       count(distinct v.version) = v.versions and not v.ever_archived
from version v
join salesplan.plan p using (plan_no)
cross join lateral (
    select 'subscription' as kind, unnest(v.lgts) as ref
    union all select 'order', unnest(v.ordered)
    union all select 'failed-payment', unnest(v.payment_failed)
    union all select 'paid', unnest(v.paid)
) r
group by v.plan_no, p.account_id, r.kind, r.ref, v.since, v.versions, v.ever_archived
