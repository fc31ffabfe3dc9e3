-- Why: The slot's owner keeps others from the slot while it moves messages out of a row.
-- Runs it: a publisher when it opens, for rows with messages that their topic does not take.
-- $1 group_id (text): the consumer group.
-- $2 slot_number (integer): the number of the slot.
-- $3 epoch (bigint): the owner's epoch.
-- Returns sequence, the slot's last row. No row where the slot has a new owner.
select sequence from salesplan.slot where group_id = $1 and number = $2 and epoch = $3 for update
