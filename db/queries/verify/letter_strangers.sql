-- Why: (I3) Each dead letter is of a record that is dealt with. A letter is committed before it is published, so the
--   later snapshot holds its record.
-- Runs it: `salesplan verify`, in the snapshot that it takes after it has read the topics.
-- $1 examples (bigint): how many examples to return at most.
-- $2 group_id (text): the consumer group whose dead letters count.
-- Returns examples: a text, and how many there are in all. No row where the check holds.
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
