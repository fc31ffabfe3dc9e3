-- An epoch of the partition's leader whose log held all records before next_offset, and up to where that is known. It
-- counts only where epoch_offset is next_offset: the release before moves the one and leaves the other. Null: unknown.
alter table salesplan.position
    add column leader_epoch integer,
    add column epoch_offset bigint;

grant update (leader_epoch, epoch_offset) on salesplan.position to salesplan_worker;
