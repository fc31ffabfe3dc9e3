-- Last in the lock order, short: edits of all accounts meet here. In milliseconds as decisions are, so that while the
-- clock goes forward what is decided by a version is never dated before it.
update salesplan.plan_book
set revision = revision + 1
returning revision, date_trunc('milliseconds', clock_timestamp()) as changed_at
