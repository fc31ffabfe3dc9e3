-- Why: A decision is made again with the shares as they were before it. The statement reads the rows of one plan, by
--   the primary key.
-- Runs it: `salesplan explain`, for each assignment of the lead.
-- $1 plan_no (integer): the plan.
-- $2 plan_seq (bigint): the plan_seq of the decision; earlier ones count.
-- Returns one row per manager with leads: manager_id, leads, and last_seq, the number of the latest one.
select manager_id, count(*) as leads, max(plan_seq) as last_seq
from salesplan.account_assignment
where plan_no = $1 and plan_seq < $2
group by manager_id
