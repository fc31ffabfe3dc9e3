-- Why: A batch moves the slot on and leaves its messages in the outbox, only while this epoch owns the slot. It also
--   renews the lease, and deletes rows that are known to be published.
-- Runs it: the worker's ledger, as the last statement of each batch that has messages.
-- $1 group_id (text): the consumer group.
-- $2 slot_number (integer): the number of the slot.
-- $3 epoch (bigint): the epoch under which the worker owns it.
-- $4 sequence (bigint): the sequence of the new row, one above the slot's last.
-- $5 confirmed (bigint): the sequence up to which rows are known to be published.
-- $6 lease_seconds (double precision): the length of the lease in seconds.
-- $7 messages (bytea): the messages of the batch, packed.
-- $8 decided_at (timestamptz): when the batch was decided.
-- Returns nothing; the command tag tells one row, or none where the slot has a new owner.
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
