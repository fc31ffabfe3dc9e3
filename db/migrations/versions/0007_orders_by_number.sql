-- A database's clock can be set back. So the orders that guarantees rest on are numbers; times only tell people.
-- Both columns are null in rows that a release before this one writes.
alter table salesplan.plan_version
    add column after_seq bigint; -- the plan's last number when the version came into force: it decides what follows
alter table salesplan.assignment
    add column batch bigint; -- the arrival number that the deciding batch drew: it rises from batch to batch
