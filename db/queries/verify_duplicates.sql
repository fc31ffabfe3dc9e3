-- How many messages a read_committed reader sees that it has seen before.
select coalesce(sum(copies - 1), 0)::bigint
from (
    select count(*) as copies from announced
    where source = 'committed' and event_id is not null
    group by event_id
    union all
    select count(*) from dead_letter
    where source = 'committed' and fault is null
    group by group_id, origin_topic, origin_partition, origin_offset
) c
