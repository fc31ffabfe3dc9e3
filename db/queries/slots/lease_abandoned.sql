-- Take over slot $4 of group $1 for $3, for $2 seconds: its owner is gone and has left something unpublished. No row
-- where it is no longer as it was when it was looked at (version $5), or somebody else is just taking it.
update salesplan.slot s
set epoch = s.epoch + 1,
    marked_epoch = case when s.marked_epoch = s.epoch then s.epoch + 1 else s.marked_epoch end,
    lease_until = clock_timestamp() + make_interval(secs => $2), owner = $3
from (
    select group_id, number
    from salesplan.slot
    where group_id = $1 and number = $4 and xmin = $5::xid and sequence > confirmed
    for update skip locked
) abandoned
where s.group_id = abandoned.group_id and s.number = abandoned.number
returning s.number, s.epoch, s.sequence, s.confirmed, s.marked_epoch is not distinct from s.epoch as is_marked
