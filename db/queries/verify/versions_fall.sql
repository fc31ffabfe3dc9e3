-- Why: (I6) An assignment was decided by the same version of its plan as the assignment before it, or by a later one.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s/%s number %s, lead %s: version %s after version %s',
              p.account_id, p.plan_id, a.plan_seq, a.lead_id, a.plan_version, a.before),
       count(*) over ()
from (
    select plan_no, plan_seq, lead_id, plan_version,
           lag(plan_version) over (partition by plan_no order by plan_seq) as before
    from salesplan.assignment
) a
left join salesplan.plan p using (plan_no)
where a.plan_version < a.before
order by p.account_id, p.plan_id, a.plan_seq
limit $1
