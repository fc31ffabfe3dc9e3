-- Why: (I5) The assignments of a plan are numbered 1, 2, 3 ... without a gap, up to the last_seq of its counter.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s/%s: %s assignments, numbered %s to %s; the counter says %s',
              p.account_id, p.plan_id, coalesce(n.assignments, 0), n.lowest, n.highest, c.last_seq),
       count(*) over ()
from (
    select plan_no, count(*) as assignments, count(distinct plan_seq) as numbers, min(plan_seq) as lowest,
           max(plan_seq) as highest
    from salesplan.assignment
    group by plan_no
) n
full join salesplan.plan_counter c using (plan_no)
left join salesplan.plan p using (plan_no)
where c.last_seq is distinct from coalesce(n.assignments, 0)
   or n.lowest <> 1 or n.highest <> n.assignments or n.numbers <> n.assignments
order by p.account_id, p.plan_id
limit $1
