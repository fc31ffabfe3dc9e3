-- Why: A higher revision tells batches that they were matched against older plans. This lock is the last of an edit and
--   short, because edits of all accounts meet here. The time is in milliseconds, as that of decisions is. So no
--   decision is dated before its version, while the clock goes forward. The owner's function does it, because the book
--   is every account's.
-- Runs it: plan edits, once the LGTs are given.
-- Returns one row: revision, that of the plan book from now on; changed_at, the time of the edit.
select revision, changed_at from salesplan.raise_revision()
