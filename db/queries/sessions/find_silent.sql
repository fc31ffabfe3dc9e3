-- Why: The sessions that write batches may wait, in the middle of a transaction, for their client: for its next
--   statement, or for the rest of a COPY. A frozen or vanished worker leaves them so, with all their locks.
-- Runs it: each worker, while it runs, about once a second.
-- Returns pid and since of these sessions; since is another value as soon as the session has gone on.
select pid, (backend_start, state_change, query_start)::text as since
from pg_stat_activity
where datname = current_database() and usename = current_user and application_name = 'salesplan-batches'
  and (state like 'idle in transaction%' or (state = 'active' and wait_event = 'ClientRead'))
