-- Why: An operator learns which session keeps a migration waiting.
-- Runs it: `salesplan migrate`, when it gives up.
-- Returns one row: pid, application_name, and seconds, the age of its transaction: of the sessions that hold locks on
--   our tables, the one with the oldest transaction. No row where there is none.
select a.pid, a.application_name, greatest(extract(epoch from clock_timestamp() - a.xact_start), 0)::integer as seconds
from pg_stat_activity a
where a.xact_start is not null
  and a.pid in (
      select l.pid
      from pg_locks l
      join pg_class c on c.oid = l.relation
      where l.granted and c.relnamespace = to_regnamespace('salesplan')
        and l.database = (select oid from pg_database where datname = current_database())
  )
order by a.xact_start
limit 1
