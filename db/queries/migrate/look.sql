-- Why: A migration looks first who owns the schemas, whether they hold our tables, and where the version is stored.
-- Runs it: `salesplan migrate`, under its advisory lock. It asks the catalogue only, which every login may read.
-- Returns one row: foreign_schema and foreign_owner, where one of our two schemas belongs to a role that this login is
--   not in; has_schema; has_tables: there is anything but the version table; has_versions; by_tables: the version of a
--   database that does not keep it in schema salesplan yet, told by what each of those migrations has made.
with there as (
    select c.oid, c.relname, n.nspname
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('salesplan', 'salesplan_api') and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
), ours as (
    select oid, relname from there where nspname = 'salesplan'
), strangers as (
    select nspname, pg_catalog.pg_get_userbyid(nspowner) as owner
    from pg_catalog.pg_namespace
    where nspname in ('salesplan', 'salesplan_api') and not pg_catalog.pg_has_role(nspowner, 'usage')
    order by nspname
    limit 1
)
select (select nspname from strangers) as foreign_schema,
       (select owner from strangers) as foreign_owner,
       exists (select from pg_catalog.pg_namespace where nspname = 'salesplan') as has_schema,
       exists (select from there where (nspname, relname) <> ('salesplan', 'alembic_version')) as has_tables,
       exists (select from ours where relname = 'alembic_version') as has_versions,
       case
           when not exists (select from ours where relname = 'plan_book') then null
           when exists (select from ours where relname = 'pruned') then '0005'
           when exists (select from ours where relname = 'manager_login') then '0004'
           when exists (
               select from ours join pg_catalog.pg_attribute a on a.attrelid = ours.oid
               where relname = 'plan_counter' and a.attname = 'era'
           ) then '0003'
           when exists (select from ours where relname = 'position_past') then '0002'
           else '0001'
       end as by_tables
