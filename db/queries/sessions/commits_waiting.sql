-- Why: A commit waits without a limit for a synchronous standby that is gone, and keeps its locks. The client gets no
--   answer.
-- Runs it: a worker whose session ended because an answer was late. It reads no table.
-- Returns how many sessions of this login have waited for a standby for some seconds.
select count(*)
from pg_stat_activity
where datname = current_database() and usename = current_user and wait_event = 'SyncRep'
  and state_change < clock_timestamp() - interval '3 seconds'
