-- Why: The leads of a day are counted between two numbers of the plan. In a plan, numbers and times rise together. So a
--   binary search by number finds the number that belongs to a time. A search by time would read the whole plan.
-- Runs it: the console's page `/plans/{plan}`, after console/enter.
-- $1 plan_id (text): the plan.
-- $2 before (timestamptz[]): the times at which days begin.
-- Returns one row per time: before_time, and plan_seq, the number of the last lead that was assigned before it, 0 if
--   there is none.
select before_time, plan_seq from salesplan_api.account_seqs($1, $2)
