-- Why: The checker reads the outbox rows that are not known to be published.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics; through a cursor.
-- Returns group_id, slot_number, sequence and messages (packed) of all rows, in that order.
select group_id, slot_number, sequence, messages from salesplan.outbox order by group_id, slot_number, sequence
