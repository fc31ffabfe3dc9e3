-- I6: each assignment was decided by the version then in force, one that takes leads. Changes and decisions are both
-- dated under the plan's lock, in milliseconds.
select format('%s/%s number %s, lead %s: decided at %s by version %s, in force from %s to %s%s',
              p.account_id, p.plan_id, a.plan_seq, a.lead_id, a.assigned_at, a.plan_version,
              coalesce(v.changed_at::text, 'never'), coalesce(n.changed_at::text, 'now'),
              case when v.archived then ', archived' end),
       count(*) over ()
from salesplan.assignment a
left join salesplan.plan p using (plan_no)
left join salesplan.plan_version v on v.plan_no = a.plan_no and v.version = a.plan_version
left join salesplan.plan_version n on n.plan_no = a.plan_no and n.version = a.plan_version + 1
where v.version is null
   or v.archived
   or date_trunc('milliseconds', v.changed_at) > a.assigned_at
   or n.changed_at < date_trunc('milliseconds', a.assigned_at)
order by p.account_id, p.plan_id, a.plan_seq
limit $1
