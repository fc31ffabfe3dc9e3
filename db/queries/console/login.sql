-- Why: A login with more rights than its pages need could see rows of other people than the user that it let in. The
--   console refuses it.
-- Runs it: the console, on every connection that it opens.
-- $1 role (text): the role that the login is for, `salesplan_console` or `salesplan_head`.
-- Returns one row: faults (text[]), the list of what is wrong with the login. It is empty if nothing is wrong.
select array_remove(
    array[
        case when r.rolsuper then 'is a superuser' end,
        case when r.rolbypassrls then 'has bypassrls' end,
        case
            when pg_has_role(r.oid, (select nspowner from pg_catalog.pg_namespace where nspname = 'salesplan'), 'member')
                then 'is a member of the owner'
        end,
        case when not pg_has_role(r.oid, $1::text, 'usage') then 'is no member of ' || $1 end
    ]
    || array(
        select 'is a member of ' || o.rolname
        from pg_catalog.pg_roles o
        where o.rolname = any (array[
                'salesplan_worker', 'salesplan_reader', 'salesplan_console', 'salesplan_head', 'pg_read_all_data',
                'pg_write_all_data'
            ])
          and o.rolname <> $1
          and pg_has_role(r.oid, o.oid, 'member')
        order by o.rolname
    ),
    null
) as faults
from pg_catalog.pg_roles r
where r.rolname = session_user
