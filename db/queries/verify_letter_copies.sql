-- I3: whoever sees a dead letter twice, aborted copies included, sees the same key, value and headers.
select format('%s[%s]@%s of %s, %s different ones: %s', origin_topic, origin_partition, origin_offset, group_id,
              count(distinct digest),
              string_agg(format('%s[%s]@%s', topic, partition, "offset"), ', ' order by topic, partition, "offset")),
       count(*) over ()
from dead_letter
where fault is null
group by group_id, origin_topic, origin_partition, origin_offset
having count(distinct digest) > 1
order by origin_topic, origin_partition, origin_offset
limit $1
