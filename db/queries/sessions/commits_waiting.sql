-- Why: A commit waits for a synchronous standby without a limit, and keeps its locks, even if the standby is gone. The
--   client gets no answer.
-- Runs it: a worker whose session ended because an answer was late. It reads no table.
-- Returns how many sessions of this login have waited for a standby for some seconds.
select count(*)
from pg_stat_activity
where datname = current_database() and usename = current_user and wait_event = 'SyncRep'
  and state_change < clock_timestamp() - interval '3 seconds'
