-- Set what this program needs of a session and read it back, on each connection before anything else is asked.
-- $1: names of settings; $2: their values; $3: the server process that has greeted the client, or null. Where another
-- process answers, a pooler stands between, and nothing is set: the process may serve others by turns.
-- Returns the process that answers, the database's encoding and name, and the values in the order of the names; null for a
-- setting that this server lacks. One that is right already is left alone, since not every login may set every one.
-- `resorted` names the collations of the database and of our columns that sort by other rules than when they were made,
-- because the operating system or ICU has others: of each the statement that says it is mended.
-- It means the same whatever the search_path of the login is.
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
