-- Why: (I1) A lead is in a plan at most once: assigned, or waiting.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s/%s lead %s: assigned %s times, waits %s times',
              p.account_id, p.plan_id, l.lead_id, l.assigned, l.waits),
       count(*) over ()
from (
    select plan_no, lead_id, sum(assigned) as assigned, sum(waits) as waits
    from (
        select plan_no, lead_id, count(*) as assigned, 0 as waits
        from salesplan.assignment
        group by lead_id, plan_no
        union all
        select plan_no, lead_id, 0, 1 from salesplan.waiting_lead
    ) s
    group by plan_no, lead_id
    having sum(assigned) + sum(waits) > 1
) l
left join salesplan.plan p using (plan_no)
order by p.account_id, p.plan_id, l.lead_id
limit $1
