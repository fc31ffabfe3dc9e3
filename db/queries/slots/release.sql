-- Give the slot back: the next worker need not wait for the lease to run out. It is free whatever the clock says.
with released as (
    update salesplan.slot
    set lease_until = '-infinity', confirmed = greatest(confirmed, $4)
    where group_id = $1 and number = $2 and epoch = $3
    returning confirmed
)
delete from salesplan.outbox o
using released
where o.group_id = $1 and o.slot_number = $2 and o.sequence <= released.confirmed
