-- Why: (I1) There are as many dead letters, on the topic or still to be published, as records were dead-lettered. There
--   may be fewer if the dead-letter partition no longer begins at its first record. After a reset, one record may have
--   been dead-lettered more than once. If an input has moved to another log, dead letters of the old log may be gone.
--   Dead letters from after the snapshot do not count.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
with counted as (
    select group_id, topic, partition, sum(dead_lettered) as dead_lettered,
           coalesce(max(dead_lettered) filter (where is_this_log), 0) as at_least,
           max(next_offset) as next_offset, bool_or(is_one_of_several) as is_again
    from reading
    group by group_id, topic, partition
), found as (
    select c.*,
           (select count(distinct d.origin_offset)
            from dead_letter d
            where d.source <> 'uncommitted' and d.fault is null and d.group_id = c.group_id
              and d.origin_topic = c.topic and d.origin_partition = c.partition
              and d.origin_offset < c.next_offset) as letters,
           exists (
               select from bounds b where b.letters_of = c.topic and b.partition = c.partition and b.first > 0
           ) as truncated
    from counted c
)
select format('%s[%s] of %s: %s records dead-lettered, %s dead letters',
              topic, partition, group_id, dead_lettered, letters),
       count(*) over ()
from found
where (letters > dead_lettered and not is_again) or (letters < at_least and not truncated)
order by topic, partition
limit $1
