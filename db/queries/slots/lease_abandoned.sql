-- Why: A slot whose owner is gone has left something unpublished, so another worker takes it over. The statement takes
--   nothing where the slot has changed since the worker looked, or another worker is just taking it.
-- Runs it: each worker, while it runs, for slots that it has seen abandoned.
-- $1 group_id (text): the consumer group.
-- $2 lease_seconds (double precision): the length of the lease in seconds.
-- $3 owner (text): the worker's name, which operators see as the owner.
-- $4 slot_number (integer): the number of the slot.
-- $5 version (xid): the version of the slot's row when the worker looked at it (slots/read_all).
-- Returns the slot as slots/lease_available does. No row where nothing was taken.
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
