-- Why: A publisher that has fenced the slot's former owner makes sure that it owns the slot itself.
-- Runs it: a publisher when it opens.
-- $1 group_id (text): the consumer group.
-- $2 slot_number (integer): the number of the slot.
-- Returns one row: epoch, that of the owner; sequence, the last outbox row; confirmed, the last row known to be
--   published. No row where there is no such slot.
select epoch, sequence, confirmed from salesplan.slot where group_id = $1 and number = $2
