-- Why: A batch reads what is in force once it holds its locks. This is a statement of its own, so that its snapshot is
--   younger than the locks.
-- Runs it: the worker's ledger, in each batch, right after batch/lock_counters.
-- Returns one row: revision, that of the plan book; decided_at, the database's clock in milliseconds; arrival, the
--   first of the 65,536 arrival numbers of this batch.
select revision,
       date_trunc('milliseconds', clock_timestamp()) as decided_at,
       nextval('salesplan.arrival') as arrival
from salesplan.plan_book
