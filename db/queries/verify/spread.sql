-- Why: (I2) In even plans whose managers never changed, the numbers of leads of any two managers differ by one at most.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- Returns one row per such plan, the widest spread first: plan (account/plan), and spread, the difference between the
--   most leads and the fewest.
with steady as (
    select plan_no
    from salesplan.plan_version v
    group by plan_no
    having bool_and(mode = 'even')
       and count(distinct (
           select coalesce(array_agg(m.manager_id order by m.manager_id), '{}')
           from unnest(v.managers, v.active) as m (manager_id, active)
           where m.active
       )) = 1
), counted as (
    select s.plan_no, max(coalesce(h.leads, 0)) - min(coalesce(h.leads, 0)) as spread
    from steady s
    join salesplan.plan p using (plan_no)
    join salesplan.plan_version v using (plan_no, version)
    cross join lateral unnest(v.managers, v.active) as m (manager_id, active)
    left join share h on h.plan_no = s.plan_no and h.manager_id = m.manager_id
    where m.active
    group by s.plan_no
)
select p.account_id || '/' || p.plan_id as plan, c.spread::integer
from counted c
join salesplan.plan p using (plan_no)
order by c.spread desc, 1
