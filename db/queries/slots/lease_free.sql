-- Take over the slot that was given back, or whose lease ran out first; one that somebody else is just taking is passed
-- over, and so is one that holds back what a topic does not take: a new owner could publish nothing else from it. A clock
-- that was set back hides slots here until who watches them has freed them (free_silent_slot.sql).
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
