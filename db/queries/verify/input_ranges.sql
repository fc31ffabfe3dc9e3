-- Why: The checker reads each input again: from the first offset of its first reading to the furthest offset that any
--   reading has reached.
-- Runs it: `salesplan verify`, before it reads the inputs.
-- Returns one row per partition: topic, partition; first, the offset to begin at; next, the offset after the last one.
select topic, partition, min(first_offset) as first, max(next_offset) as next
from reading
where is_this_log
group by topic, partition
having max(next_offset) > min(first_offset)
order by topic, partition
