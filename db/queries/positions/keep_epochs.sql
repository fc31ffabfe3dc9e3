-- Why: Each position keeps an epoch of a leader whose log holds all that was read. By it a worker tells later whether
--   the log was cut. A position that has moved since the worker looked at it stays as it is.
-- Runs it: a worker when it gets partitions, once it has compared their positions with the logs.
-- $1 group_id (text): the consumer group.
-- $2 topic (text[]): the topic of each partition.
-- $3 partition (integer[]): its number.
-- $4 next_offset (bigint[]): the position that the worker looked at.
-- $5 reading (integer[]): the reading that it was in.
-- $6 leader_epoch (integer[]): the leader's epoch, null where the leader tells none.
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
