-- Why: (I3) A read_committed reader sees each dead letter once. After a reset, it may see one dead letter from each
--   reading that passed the record.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
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
