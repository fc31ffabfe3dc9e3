-- Why: Each new manager gets a place in the counters, at zero. The edit has locked the rows.
-- Runs it: plan edits, after plans/move.
-- $1 plan_no (integer[]): the changed plans.
-- $2 newcomers (integer[]): for each plan, how many managers are new.
-- Returns nothing.
update salesplan.plan_counter c
set assigned = c.assigned || array_fill(0, array[n.newcomers]),
    last_seqs = c.last_seqs || array_fill(0::bigint, array[n.newcomers])
from unnest($1::integer[], $2::integer[]) as n (plan_no, newcomers)
where c.plan_no = n.plan_no and n.newcomers > 0
