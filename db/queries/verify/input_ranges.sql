-- Why: The checker reads the inputs again from where the first reading began to where the last has come.
-- Runs it: `salesplan verify`, before it reads the inputs.
-- Returns a row a partition: topic, partition; first, the offset to begin at; next, the offset after the last one.
select topic, partition, min(first_offset) as first, max(next_offset) as next
from reading
where is_this_log
group by topic, partition
having max(next_offset) > min(first_offset)
order by topic, partition
