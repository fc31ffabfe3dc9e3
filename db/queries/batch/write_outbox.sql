-- Move the slot on and leave what is to be published, only while this epoch owns the slot.
-- Rows that are known to be published go.
with moved as (
    update salesplan.slot
    set sequence = $4,
        confirmed = greatest(confirmed, $5),
        lease_until = clock_timestamp() + make_interval(secs => $6)
    where group_id = $1 and number = $2 and epoch = $3 and sequence = $4::bigint - 1
    returning confirmed
), published as (
    delete from salesplan.outbox o
    using moved
    where o.group_id = $1 and o.slot_number = $2 and o.sequence <= moved.confirmed
)
insert into salesplan.outbox (group_id, slot_number, sequence, messages, created_at)
select $1, $2, $4, $7, $8 from moved
