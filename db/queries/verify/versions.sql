-- Why: (I6) Each assignment was decided by the version of its plan that was in force, and this version was not
--   archived. The check uses the plan's own numbers, because clocks may be wrong. A version decides from the number
--   after its `after_seq` up to the `after_seq` of the next version. A version from an earlier release has no
--   `after_seq`. For such a version, only the order is checked (verify/versions_fall).
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s/%s number %s, lead %s: decided by version %s, in force from number %s to %s%s',
              p.account_id, p.plan_id, a.plan_seq, a.lead_id, a.plan_version,
              case when v.version is null then 'never' else coalesce((v.after_seq + 1)::text, 'unknown') end,
              case when n.version is null then 'now' else coalesce(n.after_seq::text, 'unknown') end,
              case when v.archived then ', archived' end),
       count(*) over ()
from salesplan.assignment a
left join salesplan.plan p using (plan_no)
left join salesplan.plan_version v on v.plan_no = a.plan_no and v.version = a.plan_version
left join salesplan.plan_version n on n.plan_no = a.plan_no and n.version = a.plan_version + 1
where v.version is null
   or v.archived
   or v.after_seq >= a.plan_seq
   or n.after_seq < a.plan_seq
order by p.account_id, p.plan_id, a.plan_seq
limit $1
