-- Plans as they were: what their past decisions are made again with. $1 null: all plans.
select p.plan_no, p.account_id, p.plan_id, p.roster, v.version, v.name, v.mode, v.managers, v.active, v.changed_at
from salesplan.plan p
join salesplan.plan_version v using (plan_no)
where $1::integer is null or (p.plan_no = $1 and v.version = $2)
order by p.plan_no, v.version
