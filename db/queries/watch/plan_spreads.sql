-- Why: Metrics tell how far the active managers of a plan are apart, where leads are shared evenly.
-- Runs it: each worker, while it runs, every few seconds.
-- $1 plan_no (integer[]): the plans that have metrics of their own.
-- Returns plan_id and spread, the difference between most and fewest leads, for even plans that are not archived.
select p.plan_id, max(shares.spread) as spread
from salesplan.plan p
join salesplan.plan_version v using (plan_no, version)
join salesplan.plan_counter c using (plan_no)
cross join lateral (
    select max(m.assigned) - min(m.assigned) as spread
    from unnest(p.roster, c.assigned) as m (manager_id, assigned)
    where v.active[array_position(v.managers, m.manager_id)]
) shares
where p.plan_no = any ($1::integer[]) and not p.archived and v.mode = 'even' and shares.spread is not null
group by p.plan_id
