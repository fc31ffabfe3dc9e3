-- Why: Each new plan gets its counters, empty until plans/grow_counters. The policy for heads of sales lets them in for
--   plans of their account only. It sees the plans that an earlier statement has added.
-- Runs it: plan edits, after plans/add.
-- $1 plan_no (integer[]): the new plans; it may be empty.
-- Returns nothing.
insert into salesplan.plan_counter (plan_no, assigned, last_seqs)
select n.plan_no, '{}', '{}'
from unnest($1::integer[]) as n (plan_no)
