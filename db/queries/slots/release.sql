-- Why: An owner gives its slot back, so that the next worker need not wait for the lease to run out. The slot is free
--   whatever the clock says.
-- Runs it: the slot's owner at the end of its session or takeover.
-- $1 group_id (text): the consumer group.
-- $2 slot_number (integer): the number of the slot.
-- $3 epoch (bigint): the owner's epoch.
-- $4 confirmed (bigint): the sequence up to which rows are known to be published.
-- Returns nothing.
with released as (
    update salesplan.slot
    set lease_until = '-infinity', confirmed = greatest(confirmed, $4)
    where group_id = $1 and number = $2 and epoch = $3
    returning confirmed
)
delete from salesplan.outbox o
using released
where o.group_id = $1 and o.slot_number = $2 and o.sequence <= released.confirmed
