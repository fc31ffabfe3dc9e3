-- Why: (I1) Each poison record has its dead letter, published or pending. The check covers the records whose dead
--   letters Kafka certainly still retains.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s[%s]@%s', i.topic, i.partition, i."offset"), count(*) over ()
from input_record i
join reading r
  on r.is_current and r.is_this_log and r.topic = i.topic and r.partition = i.partition
 and i."offset" >= r.first_offset and i."offset" < r.next_offset
join input_range g
  on g.topic = i.topic and g.partition = i.partition and i.written_at >= g.letters_since
where i.poison
  and not exists (
      select from dead_letter d
      where d.source in ('committed', 'pending') and d.group_id = r.group_id
        and d.origin_topic = i.topic and d.origin_partition = i.partition and d.origin_offset = i."offset"
  )
order by i.topic, i.partition, i."offset"
limit $1
