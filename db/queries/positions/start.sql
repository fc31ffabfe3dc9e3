-- Why: A partition without a position begins at its earliest record. If a reset took its position away, it begins a new
--   reading.
-- Runs it: a worker when it gets partitions without a position.
-- $1 group_id (text): the consumer group.
-- $2 topic (text[]): the topic of each partition.
-- $3 partition (integer[]): its number.
-- $4 earliest (bigint[]): the offset of its earliest record.
-- Returns nothing; a partition that has a position keeps it.
insert into salesplan.position (group_id, topic, partition, first_offset, next_offset, reading)
select $1, n.topic, n.partition, n.earliest, n.earliest,
       (select 1 + coalesce(max(p.reading), 0)
        from salesplan.position_past p
        where p.group_id = $1 and p.topic = n.topic and p.partition = n.partition)
from unnest($2::text[], $3::integer[], $4::bigint[]) as n (topic, partition, earliest)
order by n.topic collate "C", n.partition
on conflict do nothing
