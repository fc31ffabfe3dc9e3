-- End session $1, unless it has gone on since it was looked at ($2).
with same as materialized (
    select pid
    from pg_stat_activity
    where pid = $1 and (backend_start, state_change, query_start)::text = $2
)
select pid from same where pg_terminate_backend(pid)
