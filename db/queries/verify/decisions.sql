-- Why: The checker makes every decision again, in the original order.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- Returns one row per assignment, by plan_no and plan_seq: plan_no, plan_seq, lead_id, manager_id, reason,
--   plan_version, links. For a linked plan, `links` has the managers that the lead knew; else it is null.
select a.plan_no, a.plan_seq, a.lead_id, a.manager_id, a.reason, a.plan_version, a.links
from salesplan.assignment a
order by a.plan_no, a.plan_seq
