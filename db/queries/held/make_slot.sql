-- Why: Messages that a topic does not take get a slot with one row. No worker owns the slot, as if its owner had gone.
--   The statement draws an arrival number, as for every other row of the outbox: a session that begins compares how
--   many were drawn with the rows of all slots (sessions/sequences_behind).
-- Runs it: a publisher when it opens, after held/take_row and in the same transaction.
-- $1 group_id (text): the consumer group.
-- $2 owner (text): the owner's name that operators see.
-- Returns number, that of the slot. No row where another worker has made a slot of this number; the publisher asks
--   again.
with drawn as (
    select nextval('salesplan.arrival') as arrival
)
insert into salesplan.slot (group_id, number, epoch, sequence, lease_until, owner)
select $1, coalesce(max(s.number) + 1, 0), 1, 1, '-infinity', $2
from drawn
left join salesplan.slot s on s.group_id = $1 and drawn.arrival is not null
on conflict do nothing
returning number
