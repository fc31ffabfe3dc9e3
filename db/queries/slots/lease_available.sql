-- Why: A worker needs a slot of its own, so it takes the one that was given back, or whose lease ran out first. It
--   passes over a slot that another worker is just taking. It passes over one that holds messages back, because a new
--   owner could publish nothing else from it. After the database's clock was set back, leases seem to last longer. This
--   statement then does not find the slots of dead owners, until workers that watch silent owners have freed them
--   (slots/free_silent).
-- Runs it: a worker at the start of a session.
-- $1 group_id (text): the consumer group.
-- $2 lease_seconds (double precision): the length of the lease in seconds.
-- $3 owner (text): the worker's name, which operators see as the owner.
-- Returns the slot: number; epoch, the worker's own; sequence, its last outbox row; confirmed, the last row known to be
--   published; is_marked: its owners have marked its position in Kafka. No row where no slot is free.
update salesplan.slot s
set epoch = s.epoch + 1,
    marked_epoch = case when s.marked_epoch = s.epoch then s.epoch + 1 else s.marked_epoch end,
    lease_until = clock_timestamp() + make_interval(secs => $2), owner = $3
from (
    select group_id, number
    from salesplan.slot s
    where group_id = $1 and lease_until < clock_timestamp()
      and not exists (
          select from salesplan.outbox o
          where o.group_id = s.group_id and o.slot_number = s.number and o.held_topic is not null
      )
    order by lease_until
    limit 1
    for update skip locked
) free
where s.group_id = free.group_id and s.number = free.number
returning s.number, s.epoch, s.sequence, s.confirmed, s.marked_epoch is not distinct from s.epoch as is_marked
