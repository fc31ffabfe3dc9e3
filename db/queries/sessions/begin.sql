-- Why: A session gets the settings that this program needs, and the program reads them back. The statement means the
--   same whatever the login's search_path is. It leaves a setting alone that is right already, since not every login
--   may set every one. If another process answers than the one that greeted the client, there is a pooler between them.
--   Then the statement sets nothing, because that process may also serve other clients.
-- Runs it: every program that connects, before any other statement.
-- $1 name (text[]): the names of the settings.
-- $2 value (text[]): for each setting, its value.
-- $3 process (integer): the server process that greeted the client; null sets the settings in whatever process answers.
-- Returns one row: process, the one that answers; encoding and database, of the database; settings, the values in the
--   order of the names, null for one that this server lacks; resorted, one statement for each collation of the database
--   and of our columns whose sorting rules have changed since it was made. The rules are those of the operating system
--   or ICU. The statement records that the indexes were mended.
select pg_catalog.pg_backend_pid() as process,
       pg_catalog.current_setting('server_encoding') as encoding,
       pg_catalog.quote_ident(pg_catalog.current_database()) as database,
       array(
           select case
                      when n.present is null or n.present operator(pg_catalog.=) n.value then n.present
                      else pg_catalog.set_config(n.name, n.value, false)
                  end
           from (
               select s.name, s.value, s.no, pg_catalog.current_setting(s.name, true) as present
               from rows from (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]))
                    with ordinality as s (name, value, no)
           ) n
           where $3::pg_catalog.int4 is null or $3 operator(pg_catalog.=) pg_catalog.pg_backend_pid()
           order by n.no
       ) as settings,
       array(
           select c.mend
           from (
               select pg_catalog.format('alter database %I refresh collation version', d.datname) as mend,
                      d.datcollversion as made,
                      pg_catalog.pg_database_collation_actual_version(d.oid) as now
               from pg_catalog.pg_database d
               where d.datname operator(pg_catalog.=) pg_catalog.current_database()
               union all
               select pg_catalog.format('alter collation %I.%I refresh version', s.nspname, l.collname),
                      l.collversion,
                      pg_catalog.pg_collation_actual_version(l.oid)
               from pg_catalog.pg_collation l
               join pg_catalog.pg_namespace s on s.oid operator(pg_catalog.=) l.collnamespace
               where l.oid operator(pg_catalog.=) any (array(
                   select a.attcollation
                   from pg_catalog.pg_namespace o
                   join pg_catalog.pg_class t on t.relnamespace operator(pg_catalog.=) o.oid
                   join pg_catalog.pg_attribute a on a.attrelid operator(pg_catalog.=) t.oid
                   where o.nspname operator(pg_catalog.=) 'salesplan'
               ))
           ) c
           where c.made operator(pg_catalog.<>) coalesce(c.now, '')
       ) as resorted
