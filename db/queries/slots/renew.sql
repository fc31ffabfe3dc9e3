-- Keep the lease, and drop the outbox rows that are known to be published. No row: the slot is somebody else's.
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
