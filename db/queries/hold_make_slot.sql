-- Makes a slot for one held row; it belongs to nobody, as if its owner had gone. $1 group, $2 the owner's name that
-- operators see. No row: another worker has made a slot of this number; ask again.
insert into salesplan.slot (group_id, number, epoch, sequence, lease_until, owner)
select $1, coalesce(max(number) + 1, 0), 1, 1, '-infinity', $2
from salesplan.slot
where group_id = $1
on conflict do nothing
returning number
