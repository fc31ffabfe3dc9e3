-- What of each input there is to be read again: from where the first reading began to where the last has come.
select topic, partition, min(first_offset) as first, max(next_offset) as next
from reading
where is_this_log
group by topic, partition
having max(next_offset) > min(first_offset)
order by topic, partition
