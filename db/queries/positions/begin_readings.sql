-- Why: A reset begins positions elsewhere, with nothing counted yet. Their reading is above all others of the group. So
--   a batch from before the reset can't be written, even where it begins at the very same offset.
-- Runs it: `salesplan offsets reset`, after positions/end_readings and in the same transaction.
-- $1 group_id (text): the consumer group.
-- $2 topic (text[]): the topic of each partition.
-- $3 partition (integer[]): its number.
-- $4 start (bigint[]): the offset to read on at.
-- $5 cluster_id (text): the id of the Kafka cluster, null where unknown.
-- $6 topic_id (uuid[]): for each partition, the id of its topic, null where unknown.
-- Returns nothing.
insert into salesplan.position (group_id, topic, partition, first_offset, next_offset, cluster_id, topic_id, reading)
select $1, b.topic, b.partition, b.start, b.start, $5, b.topic_id,
       (select 1 + max(reading)
        from (select reading from salesplan.position where group_id = $1
              union all
              select reading from salesplan.position_past where group_id = $1
              union all
              values (0)) r)
from unnest($2::text[], $3::integer[], $4::bigint[], $6::uuid[]) as b (topic, partition, start, topic_id)
