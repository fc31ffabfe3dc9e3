-- Why: A worker makes the next slot where none is free. Where two workers make the same one, the second inserts nothing
--   and asks again.
-- Runs it: a worker at the start of a session, after slots/lease_available.
-- $1 group_id (text): the consumer group.
-- $2 lease_seconds (double precision): the length of the lease in seconds.
-- $3 owner (text): the worker's name, which operators see as the owner.
-- Returns the slot as slots/lease_available does. No row where another worker was first.
insert into salesplan.slot (group_id, number, epoch, lease_until, owner)
select $1, coalesce(max(number) + 1, 0), 1, clock_timestamp() + make_interval(secs => $2), $3
from salesplan.slot
where group_id = $1
on conflict do nothing
returning number, epoch, sequence, confirmed, false as is_marked
