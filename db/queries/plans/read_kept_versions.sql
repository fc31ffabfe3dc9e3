-- Why: A past decision is made again with the version of the plan that decided.
-- Runs it: `salesplan explain` for one version, `salesplan verify` for all.
-- $1 plan_no (integer): the plan; null for all versions of all plans.
-- $2 version (integer): its version; ignored where $1 is null.
-- Returns one row per version, by plan_no and version: the plan with its whole roster, and name, mode, managers, active
--   and changed_at of the version.
select p.plan_no, p.account_id, p.plan_id, p.roster, v.version, v.name, v.mode, v.managers, v.active, v.changed_at
from salesplan.plan p
join salesplan.plan_version v using (plan_no)
where $1::integer is null or (p.plan_no = $1 and v.version = $2)
order by p.plan_no, v.version
