-- Why: No batch decides by these plans until the transaction ends. This lock is the second in the lock order. Like
--   batches, the statement locks the rows by plan_no.
-- Runs it: plan edits, for the plans that they change; `salesplan leads erase`, for all plans of the account.
-- $1 plan_no (integer[]): the plans.
-- Returns an empty row per plan.
select from salesplan.plan_counter where plan_no = any ($1::integer[]) order by plan_no for update
