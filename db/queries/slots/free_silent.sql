-- Slot $2 of group $1 is anybody's: its owner is silent and owes nothing. Unless it is no longer as it was when it was
-- looked at (version $3), or somebody holds it just now. An owner that wakes and renews has it back.
update salesplan.slot s
set lease_until = '-infinity'
from (
    select group_id, number
    from salesplan.slot
    where group_id = $1 and number = $2 and xmin = $3::xid and sequence = confirmed
    for update skip locked
) silent
where s.group_id = silent.group_id and s.number = silent.number
