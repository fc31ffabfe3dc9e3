-- Why: A higher revision tells batches that they were matched against older plans. This lock is the last of an edit and
--   short, because edits of all accounts meet here. The time is in milliseconds, as that of decisions is. So no
--   decision is dated before its version, while the clock goes forward.
-- Runs it: plan edits, once the LGTs are given.
-- Returns one row: revision, that of the plan book from now on; changed_at, the time of the edit.
update salesplan.plan_book
set revision = revision + 1
returning revision, date_trunc('milliseconds', clock_timestamp()) as changed_at
