-- Why: Leads that the batch has assigned from a plan's queue wait no longer. They are the oldest of each queue, up to
--   one arrival number.
-- Runs it: the worker's ledger, in batches that gave waiting leads away.
-- $1 plan_no (integer[]): the plans.
-- $2 arrival (bigint[]): for each plan, the arrival number of the last lead that is deleted.
-- Returns nothing.
delete from salesplan.waiting_lead w
using unnest($1::integer[], $2::bigint[]) as d (plan_no, arrival)
where w.plan_no = d.plan_no and w.arrival <= d.arrival
