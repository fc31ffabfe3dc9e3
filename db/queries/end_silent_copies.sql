-- End sessions that write batches and whose client has not sent the rest of a COPY for so many seconds.
-- Found first and ended then: a planner may look at conditions in any order.
with silent as materialized (
    select pid
    from pg_stat_activity
    where datname = current_database() and usename = current_user and application_name = 'salesplan-batches'
      and state = 'active' and wait_event = 'ClientRead' and query_start < clock_timestamp() - make_interval(secs => $1)
)
select pid from silent where pg_terminate_backend(pid)
