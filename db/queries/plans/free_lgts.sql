-- Why: The changed plans give up all their LGTs before any is given, so that plans of one file can swap them.
-- Runs it: plan edits, before plans/give_lgts.
-- $1 plan_no (integer[]): the changed plans.
-- Returns nothing.
delete from salesplan.plan_lgt where plan_no = any ($1::integer[])
