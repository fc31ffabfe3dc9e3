-- Where it is the slot's epoch, its position in Kafka was marked by its owner, and all owners since mark theirs. The
-- release before raises the epoch and leaves this. Null: never marked.
alter table salesplan.slot add column marked_epoch bigint;

grant update (marked_epoch) on salesplan.slot to salesplan_worker;
