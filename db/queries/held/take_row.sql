-- Why: A row leaves the outbox, to be written again with fewer messages (held/write_row).
-- Runs it: a publisher when it opens, after held/lock_slot and in the same transaction.
-- $1 group_id (text): the consumer group.
-- $2 slot_number (integer): the number of the slot.
-- $3 sequence (bigint): the row's sequence.
-- Returns created_at, when the messages were decided. No row where there is none.
delete from salesplan.outbox
where group_id = $1 and slot_number = $2 and sequence = $3
returning created_at
