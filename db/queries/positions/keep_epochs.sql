-- Why: Each position keeps the epoch of a leader whose log holds all records before it. With this epoch a worker can
--   tell later whether the log was cut. The statement does not touch a position that has moved since the worker looked
--   at it.
-- Runs it: a worker when it gets partitions, once it has compared their positions with the logs.
-- $1 group_id (text): the consumer group.
-- $2 topic (text[]): the topic of each partition.
-- $3 partition (integer[]): its number.
-- $4 next_offset (bigint[]): the position that the worker looked at.
-- $5 reading (integer[]): the position's `reading`, a number that every reset raises.
-- $6 leader_epoch (integer[]): the leader's epoch, null if the leader reports none.
-- Returns nothing.
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
