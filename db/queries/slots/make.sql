-- No slot is free: make the next one. Two workers that make the same one: the second inserts nothing and asks again.
insert into salesplan.slot (group_id, number, epoch, lease_until, owner)
select $1, coalesce(max(number) + 1, 0), 1, clock_timestamp() + make_interval(secs => $2), $3
from salesplan.slot
where group_id = $1
on conflict do nothing
returning number, epoch, sequence, confirmed, false as is_marked
