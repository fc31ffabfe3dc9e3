-- I1: the lead of each record that certainly brought it into a plan is there, assigned or waiting.
select format('%s[%s]@%s: lead %s is not in %s/%s', e.topic, e.partition, e."offset", e.lead_id,
              p.account_id, p.plan_id),
       count(*) over ()
from entry e
join salesplan.plan p using (plan_no)
where not exists (
          select from salesplan.assignment a where a.plan_no = e.plan_no and a.lead_id = e.lead_id
      )
  and not exists (
          select from salesplan.waiting_lead w where w.plan_no = e.plan_no and w.lead_id = e.lead_id
      )
order by e.topic, e.partition, e."offset", p.plan_id
limit $1
