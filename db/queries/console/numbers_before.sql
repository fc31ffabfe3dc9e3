-- Why: Leads per day are counted between two numbers of the plan. Numbers and times grow together, so a time's number is
--   found by halving; a search by time would read the whole plan.
-- Runs it: the console's page `/plans/{plan}`, after console/enter.
-- $1 plan_id (text): the plan.
-- $2 before (timestamptz[]): the times, as the beginnings of days.
-- Returns a row for each time: before_time, and plan_seq, the number of the last lead assigned before it, 0 for none.
select before_time, plan_seq from salesplan_api.account_seqs($1, $2)
