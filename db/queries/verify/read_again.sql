-- Why: Some records of these partitions may have been read more than once, or from another log than the present one.
-- Runs it: `salesplan verify`, for the notes of its report.
-- Returns some of the partitions. Each row also has the number of all such partitions.
select format('%s[%s]', topic, partition), count(*) over ()
from reading
where is_one_of_several or not is_this_log
group by topic, partition
order by topic, partition
limit 5
