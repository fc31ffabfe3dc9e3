-- Why: A worker asks whether there is anything to load.
-- Runs it: a worker when a session begins, on a notification, every few seconds, and when a batch met a newer revision.
-- Returns one row: revision, that of the plan book.
select revision from salesplan.plan_book
