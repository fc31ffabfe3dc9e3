-- Set what this program needs of a session and read it back, on each connection before anything else is asked.
-- $1: names of settings; $2: their values; $3: the server process that has greeted the client, or null. Where another
-- process answers, a pooler stands between, and nothing is set: the process may serve others by turns.
-- Returns the process that answers, the database's encoding, and the values in the order of the names; null for a
-- setting that this server lacks. One that is right already is left alone, since not every login may set every one.
-- It means the same whatever the search_path of the login is.
select pg_catalog.pg_backend_pid() as process,
       pg_catalog.current_setting('server_encoding') as encoding,
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
       ) as settings
