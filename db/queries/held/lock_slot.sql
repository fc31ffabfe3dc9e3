-- Keeps others from the slot while its owner moves messages out of a row. $1 group, $2 slot, $3 the owner's epoch. No row:
-- the slot has a new owner.
select sequence from salesplan.slot where group_id = $1 and number = $2 and epoch = $3 for update
