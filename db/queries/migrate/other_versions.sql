-- Why: Releases up to 0005 kept their version wherever the login's search_path led, mostly in schema public.
-- Runs it: `salesplan migrate`, once, when it moves the version into schema salesplan.
-- Returns the tables of that name elsewhere which may hold our version, because they lie in public or belong to the
--   owner of our tables: name (quoted), schema, and has_our_owner. Those that this login can't change are left out.
select format('%I.%I', n.nspname, t.relname) as name, n.nspname as schema, t.relowner = book.relowner as has_our_owner
from pg_catalog.pg_class t
join pg_catalog.pg_namespace n on n.oid = t.relnamespace
cross join (
    select c.relowner
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace b on b.oid = c.relnamespace
    where b.nspname = 'salesplan' and c.relname = 'plan_book'
) book
where t.relname = 'alembic_version' and t.relkind = 'r' and n.nspname <> 'salesplan'
  and (n.nspname = 'public' or t.relowner = book.relowner)
  and pg_catalog.has_schema_privilege(n.oid, 'usage')
  and pg_catalog.has_table_privilege(t.oid, 'select')
  and pg_catalog.has_table_privilege(t.oid, 'delete')
  and exists (
      select from pg_catalog.pg_attribute a
      where a.attrelid = t.oid and a.attname = 'version_num' and not a.attisdropped
  )
