-- Every decision in the order it was made, to be made again.
select a.plan_no, a.plan_seq, a.lead_id, a.manager_id, a.reason, a.plan_version, a.links
from salesplan.assignment a
order by a.plan_no, a.plan_seq
