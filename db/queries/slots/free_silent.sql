-- Why: A slot becomes free if its owner is silent and has published everything. The slot stays as it is if its row has
--   changed since the worker looked, or if another session has locked it. An owner that wakes and renews its lease gets
--   the slot back, if no other worker has leased it meanwhile.
-- Runs it: each worker, while it runs, for slots that it has seen abandoned.
-- $1 group_id (text): the consumer group.
-- $2 slot_number (integer): the number of the slot.
-- $3 version (xid): the version of the slot's row when the worker looked at it (slots/read_all).
-- Returns nothing.
update salesplan.slot s
set lease_until = '-infinity'
from (
    select group_id, number
    from salesplan.slot
    where group_id = $1 and number = $2 and xmin = $3::xid and sequence = confirmed
    for update skip locked
) silent
where s.group_id = silent.group_id and s.number = silent.number
