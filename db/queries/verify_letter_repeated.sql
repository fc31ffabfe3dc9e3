-- I3: a read_committed reader sees each dead letter once.
select format('%s[%s]@%s of %s, %s times: %s', origin_topic, origin_partition, origin_offset, group_id, count(*),
              string_agg(format('%s[%s]@%s', topic, partition, "offset"), ', ' order by topic, partition, "offset")),
       count(*) over ()
from dead_letter
where source in ('committed', 'pending') and fault is null
group by source, group_id, origin_topic, origin_partition, origin_offset
having count(*) > 1
order by origin_topic, origin_partition, origin_offset
limit $1
