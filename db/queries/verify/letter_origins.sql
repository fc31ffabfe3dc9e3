-- Why: (I1) Each dead letter comes from a record that is poison, or that the database refused. It has the record's key,
--   value and headers. If that would be too large for its topic, the dead letter has the size of the value in place of
--   the value, and may lack the key and the headers too. After a reset, an earlier release may have taken a good record
--   for poison.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s[%s]@%s: %s', d.origin_topic, d.origin_partition, d.origin_offset,
              case when i."offset" is null then 'there is no such record'
                   when coalesce(d.value_left_out <> i.value_bytes, d.origin_digest <> i.digest)
                       then 'the letter has another key, value or headers'
                   else 'the record is good' end),
       count(*) over ()
from (
    select distinct group_id, origin_topic, origin_partition, origin_offset, origin_digest, value_left_out, refused
    from dead_letter
    where source in ('committed', 'pending') and fault is null
) d
join reading r
  on r.is_current and r.group_id = d.group_id and r.topic = d.origin_topic and r.partition = d.origin_partition
join one_log g
  on g.topic = d.origin_topic and g.partition = d.origin_partition
 and d.origin_offset >= g.first and d.origin_offset < g."end"
left join input_record i
  on i.topic = d.origin_topic and i.partition = d.origin_partition and i."offset" = d.origin_offset
where i."offset" is null
   or coalesce(d.value_left_out <> i.value_bytes, d.origin_digest <> i.digest)
   or not (i.poison or d.refused or r.is_one_of_several)
order by d.origin_topic, d.origin_partition, d.origin_offset
limit $1
