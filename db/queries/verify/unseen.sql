-- Partitions that were read and of which nothing is retained that could be read again.
select format('%s[%s]', topic, partition), count(*) over ()
from reading r
where r.next_offset > r.first_offset
  and not exists (select from input_range g where g.topic = r.topic and g.partition = r.partition)
group by topic, partition
order by topic, partition
limit 5
