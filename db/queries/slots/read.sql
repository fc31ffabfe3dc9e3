-- Whose the slot is now, and how far it was written and confirmed.
select epoch, sequence, confirmed from salesplan.slot where group_id = $1 and number = $2
