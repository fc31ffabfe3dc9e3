-- Why: (I1) If a record certainly brought its lead into a plan, the lead is assigned there or waits there. The database
--   does not keep which leads were erased. So in each account, as many leads may be missing as were erased.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
with missing as (
    select e.topic, e.partition, e."offset", e.lead_id, p.account_id, p.plan_id,
           dense_rank() over (partition by p.account_id order by e.lead_id) as lead_number
    from entry e
    join salesplan.plan p using (plan_no)
    where not exists (
              select from salesplan.assignment a where a.plan_no = e.plan_no and a.lead_id = e.lead_id
          )
      and not exists (
              select from salesplan.waiting_lead w where w.plan_no = e.plan_no and w.lead_id = e.lead_id
          )
), counted as (
    select m.*, max(lead_number) over (partition by account_id) as leads from missing m
)
select format('%s[%s]@%s: lead %s is not in %s/%s%s', topic, partition, "offset", lead_id, account_id, plan_id,
              case when f.leads > 0 then format(' (%s leads are missing, %s were erased)', c.leads, f.leads) end),
       count(*) over ()
from counted c
left join forgotten f using (account_id)
where c.leads > coalesce(f.leads, 0)
order by topic, partition, "offset", plan_id
limit $1
