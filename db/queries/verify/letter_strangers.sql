-- Why: (I3) Each dead letter comes from a record that lies before a position of its partition: the present one, or one
--   that a reset has ended. A letter is committed before it is published, so the later snapshot holds that position.
-- Runs it: `salesplan verify`, in the snapshot that it takes after it has read the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- $2 group_id (text): the consumer group whose dead letters count.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s[%s]@%s: of %s[%s]@%s', d.topic, d.partition, d."offset",
              d.origin_topic, d.origin_partition, d.origin_offset),
       count(*) over ()
from dead_letter d
where d.fault is null and d.group_id = $2
  and not exists (
      select from reading r
      where r.group_id = d.group_id and r.topic = d.origin_topic and r.partition = d.origin_partition
        and d.origin_offset < r.next_offset
  )
order by d.topic, d.partition, d."offset"
limit $1
