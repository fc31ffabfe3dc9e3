-- A publication for all tables makes PostgreSQL 18 refuse every update of a table whose key holds a generated column,
-- because generated columns are not published. The era becomes a plain column; its values stay, and no row is written.
-- A trigger keeps it, for this release and for the one before: neither names the era when it updates a counter row.
-- The trigger function runs with every 64th lead only. A subscriber's copy takes the era as it comes: replicated
-- changes fire no ordinary trigger.
-- The release before reads the era and never writes it, so a plain column breaks no statement of its own.
-- squawk-ignore-file ban-drop-generated-expression
alter table salesplan.plan_counter
    alter column era drop expression,
    alter column era set default 0;

create function salesplan.keep_era() returns trigger
language plpgsql
as $$
begin
    new.era := new.last_seq / 64;
    return new;
end $$;

create trigger keep_era
before update of last_seq on salesplan.plan_counter
for each row when (new.era <> new.last_seq / 64)
execute function salesplan.keep_era();

-- A start and `salesplan plans` compare the sequences with the numbers that were given. Logical replication copies
-- rows and leaves sequences behind.
grant select on sequence salesplan.arrival, salesplan.plan_plan_no_seq to salesplan_worker, salesplan_reader;
grant select on salesplan.alembic_version to salesplan_worker, salesplan_reader;
