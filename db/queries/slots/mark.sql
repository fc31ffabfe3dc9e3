-- Why: The owner has marked the slot's position in Kafka. A position without the mark, found later, was set by a tool.
-- Runs it: a publisher when it opens.
-- $1 group_id (text): the consumer group.
-- $2 slot_number (integer): the number of the slot.
-- $3 epoch (bigint): the owner's epoch.
-- Returns nothing.
update salesplan.slot set marked_epoch = epoch where group_id = $1 and number = $2 and epoch = $3
