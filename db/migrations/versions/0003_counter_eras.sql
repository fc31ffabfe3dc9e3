-- An update leaves the old version of a row behind, and while somebody's snapshot is older than it nothing may remove
-- it: a statement that looks the row up by plan_no alone walks past all of them (db/README.md). The era changes with
-- every 64th lead, and with it the key: whoever asks for the newest era meets few versions. Within an era the key
-- stays as it is, so that updates stay HOT.
-- The table is written anew and locked meanwhile: it has a row a plan, no more. The key that goes is part of the new one.
-- squawk-ignore-file adding-field-with-default, adding-serial-primary-key-field, ban-drop-constraint, constraint-missing-not-valid
alter table salesplan.plan_counter
    add column era bigint not null generated always as (last_seq / 64) stored,
    drop constraint plan_counter_pkey,
    add primary key (plan_no, era);
