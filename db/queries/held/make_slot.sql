-- Makes a slot for one held row; it belongs to nobody, as if its owner had gone. $1 group, $2 the owner's name that
-- operators see. No row: another worker has made a slot of this number; ask again. An arrival number is drawn, as for
-- every other row of the outbox: a start compares how many were drawn with the rows of all slots (sequences_behind.sql).
with drawn as (
    select nextval('salesplan.arrival') as arrival
)
insert into salesplan.slot (group_id, number, epoch, sequence, lease_until, owner)
select $1, coalesce(max(s.number) + 1, 0), 1, 1, '-infinity', $2
from drawn
left join salesplan.slot s on s.group_id = $1 and drawn.arrival is not null
on conflict do nothing
returning number
