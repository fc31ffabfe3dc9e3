-- Topics that no longer begin at their first record, or inputs at the first that was read: what is missing there may
-- have been retained once.
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
