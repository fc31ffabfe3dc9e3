-- Why: Kafka has deleted the oldest records of these partitions. For an input, this means records that a worker has
--   read. The checks accept that these records are missing.
-- Runs it: `salesplan verify`, for the notes of its report.
-- $1 topic (text): the topic of assignments.
-- Returns some of the partitions, each with the offset at which it begins. Each row also has the number of all such
--   partitions.
select format('%s[%s] begins at %s', b.topic, b.partition, b.first), count(*) over ()
from bounds b
where (b.first > 0 and (b.topic = $1 or b.letters_of is not null))
   or exists (
       select from reading r
       where r.topic = b.topic and r.partition = b.partition and r.is_this_log
         and r.first_offset < b.first and r.first_offset < r.next_offset
   )
order by b.topic, b.partition
limit 5
