-- Takes a row out of the outbox, to be written again with fewer messages. $1 group, $2 slot, $3 sequence.
delete from salesplan.outbox
where group_id = $1 and slot_number = $2 and sequence = $3
returning created_at
