-- Why: (I2) The roster of a plan holds every manager who was ever in it, in the order in which they joined. The
--   counters have one entry for each manager, in the same order.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
with arrived as (
    select plan_no, manager_id, min((version, place)) as arrival
    from (
        select v.plan_no, v.version, m.manager_id, m.place
        from salesplan.plan_version v
        cross join lateral unnest(v.managers) with ordinality as m (manager_id, place)
    ) s
    group by plan_no, manager_id
), kept as (
    select plan_no, array_agg(manager_id order by arrival) as roster from arrived group by plan_no
)
select format('%s/%s: the roster has %s places, the counters %s; by the kept versions %s managers',
              p.account_id, p.plan_id, cardinality(p.roster), cardinality(c.assigned),
              coalesce(cardinality(k.roster), 0)),
       count(*) over ()
from salesplan.plan p
left join salesplan.plan_counter c using (plan_no)
left join kept k using (plan_no)
where c.plan_no is null
   or p.roster is distinct from coalesce(k.roster, '{}')
   or cardinality(c.assigned) <> cardinality(p.roster)
   or cardinality(c.last_seqs) <> cardinality(p.roster)
order by p.account_id, p.plan_id
limit $1
