-- Why: An owner keeps its lease, notes what is known to be published, and deletes those rows of the outbox.
-- Runs it: the slot's owner, four times in the time of a lease.
-- $1 group_id (text): the consumer group.
-- $2 slot_number (integer): the number of the slot.
-- $3 epoch (bigint): the owner's epoch.
-- $4 confirmed (bigint): the sequence up to which rows are known to be published.
-- $5 lease_seconds (double precision): the length of the lease in seconds.
-- Returns confirmed, the sequence that is noted now. No row where the slot has a new owner.
with renewed as (
    update salesplan.slot
    set lease_until = clock_timestamp() + make_interval(secs => $5), confirmed = greatest(confirmed, $4)
    where group_id = $1 and number = $2 and epoch = $3
    returning confirmed
), published as (
    delete from salesplan.outbox o
    using renewed
    where o.group_id = $1 and o.slot_number = $2 and o.sequence <= renewed.confirmed
)
select confirmed from renewed
