-- Why: Workers have read these partitions, but the checker could not read any of their records again.
-- Runs it: `salesplan verify`, for the notes of its report.
-- Returns some of the partitions. Each row also has the number of all such partitions.
select format('%s[%s]', topic, partition), count(*) over ()
from reading r
where r.next_offset > r.first_offset
  and not exists (select from input_range g where g.topic = r.topic and g.partition = r.partition)
group by topic, partition
order by topic, partition
limit 5
