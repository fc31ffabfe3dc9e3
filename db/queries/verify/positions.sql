-- I4: nobody has read beyond the end of a log: it would be another log, or an older copy of this one.
select format('%s[%s] of %s: the position is %s, the log ends at %s',
              p.topic, p.partition, p.group_id, p.next_offset, b."end"),
       count(*) over ()
from salesplan.position p
join bounds b using (topic, partition)
where p.next_offset > b."end"
order by p.topic, p.partition
limit $1
