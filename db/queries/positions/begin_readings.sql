-- Positions elsewhere, with nothing counted yet. Their reading is above all others of the group: a batch that was in
-- hand when the positions were reset can't be written, also where it begins at the very same offset.
insert into salesplan.position (group_id, topic, partition, first_offset, next_offset, cluster_id, topic_id, reading)
select $1, b.topic, b.partition, b.start, b.start, $5, b.topic_id,
       (select 1 + max(reading)
        from (select reading from salesplan.position where group_id = $1
              union all
              select reading from salesplan.position_past where group_id = $1
              union all
              values (0)) r)
from unnest($2::text[], $3::integer[], $4::bigint[], $6::uuid[]) as b (topic, partition, start, topic_id)
