-- I3: a read_committed reader sees each dead letter once; of a partition that was read again, after a reset, once for
-- each reading that came by its record.
select format('%s[%s]@%s of %s, %s times: %s', origin_topic, origin_partition, origin_offset, group_id, count(*),
              string_agg(format('%s[%s]@%s', topic, partition, "offset"), ', ' order by topic, partition, "offset")),
       count(*) over ()
from dead_letter d
where source in ('committed', 'pending') and fault is null
group by source, group_id, origin_topic, origin_partition, origin_offset
having count(*) > greatest(1, (
    select count(*)
    from reading r
    where r.group_id = d.group_id and r.topic = d.origin_topic and r.partition = d.origin_partition
      and r.first_offset <= d.origin_offset and (r.is_current or d.origin_offset < r.next_offset)
))
order by origin_topic, origin_partition, origin_offset
limit $1
