-- Why: A session that has stayed silent in its transaction is ended, so that its locks go. A session that has gone on
--   since the worker looked at it is not ended.
-- Runs it: each worker, while it runs, for sessions that it has seen silent for some seconds.
-- $1 pid (integer): the server process of the session.
-- $2 since (text): the value of `since` when the worker looked (sessions/find_silent).
-- Returns pid of the session that was ended. No row where there is none.
with same as materialized (
    select pid
    from pg_stat_activity
    where pid = $1 and (backend_start, state_change, query_start)::text = $2
)
select pid from same where pg_terminate_backend(pid)
