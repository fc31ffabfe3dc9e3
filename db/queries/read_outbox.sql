-- The next row that waits to be published.
select messages from salesplan.outbox where group_id = $1 and slot_number = $2 and sequence = $3
