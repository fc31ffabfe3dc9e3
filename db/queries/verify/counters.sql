-- Why: (I2) A manager's counter holds the number of the manager's leads in the ledger, and the plan_seq of the latest
--   of them.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
with counter as (
    select c.plan_no, r.manager_id, r.assigned, r.last_seq
    from salesplan.plan_counter c
    join salesplan.plan p using (plan_no)
    cross join lateral unnest(p.roster, c.assigned, c.last_seqs) as r (manager_id, assigned, last_seq)
)
select format('%s/%s manager %s: the counter says %s leads, the latest as number %s; the ledger %s and %s',
              p.account_id, p.plan_id, manager_id, assigned, c.last_seq, coalesce(s.leads, 0),
              coalesce(s.last_seq, 0)),
       count(*) over ()
from counter c
full join share s using (plan_no, manager_id)
left join salesplan.plan p using (plan_no)
where c.assigned is distinct from coalesce(s.leads, 0) or c.last_seq is distinct from coalesce(s.last_seq, 0)
order by p.account_id, p.plan_id, manager_id
limit $1
