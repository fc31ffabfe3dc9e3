-- Why: At the commit Postgres wakes the workers. A worker that misses the notification finds the change at its next
--   look, and every batch checks the revision anyway.
-- Runs it: plan edits, last in their transaction.
-- $1 revision (bigint): the revision of the plan book.
-- Returns one row that means nothing.
select pg_notify('salesplan_plans', $1::bigint::text)
