-- For the metrics: how far the active managers of these plans are apart, where leads are shared evenly.
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
