-- An epoch of each partition's leader whose log holds all that was read. A position that has moved meanwhile is left
-- alone. $2 to $5: topic, partition, position and reading that were looked at; $6: the epoch, null = unknown.
with looked_at as (
    select p.group_id, p.topic, p.partition, e.epoch
    from salesplan.position p
    join unnest($2::text[], $3::integer[], $4::bigint[], $5::integer[], $6::integer[])
        as e (topic, partition, next_offset, reading, epoch) using (topic, partition, next_offset, reading)
    where p.group_id = $1
    order by p.topic collate "C", p.partition
    for update of p
)
update salesplan.position p
set leader_epoch = l.epoch, epoch_offset = p.next_offset
from looked_at l
where p.group_id = l.group_id and p.topic = l.topic and p.partition = l.partition
