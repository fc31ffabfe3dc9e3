-- Why: (I2) A manager's counter is the number of his leads in the ledger, and his latest plan_seq is that of his latest
--   lead.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns a row an example: its text, and the number of faults in all. No row where the check holds.
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
