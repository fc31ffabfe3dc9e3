-- Partitions of which some record may have been read more than once, or not in the log there is now.
select format('%s[%s]', topic, partition), count(*) over ()
from reading
where is_one_of_several or not is_this_log
group by topic, partition
order by topic, partition
limit 5
