-- Why: These partitions no longer begin at their first record, or at the first that was read. What is missing there may
--   have been retained once.
-- Runs it: `salesplan verify`, for the notes of its report.
-- $1 topic (text): the topic of assignments.
-- Returns some of the partitions with the offset at which they begin. Each row tells how many there are in all.
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
