-- Why: (I6) The database keeps every version of a plan, from 1 to the one in force. No version begins at a lower
--   plan_seq than the version before it.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s/%s: version %s is in force, kept are %s', p.account_id, p.plan_id, p.version,
              coalesce(v.versions, 'none')),
       count(*) over ()
from salesplan.plan p
left join (
    select plan_no, count(*) as kept, max(version) as latest, bool_or(after_seq < before) as falls,
           string_agg(version::text, ', ' order by version) as versions
    from (
        select plan_no, version, after_seq,
               max(after_seq) over (partition by plan_no order by version rows unbounded preceding) as before
        from salesplan.plan_version
    ) s
    group by plan_no
) v using (plan_no)
where v.kept is distinct from p.version or v.latest is distinct from p.version or v.falls
order by p.account_id, p.plan_id
limit $1
