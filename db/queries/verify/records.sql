-- Why: (I1) In every partition, the positions count one outcome for each record that was read. Each offset that Kafka
--   no longer retains may have held a record or none.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
with found as (
    select r.group_id, r.topic, r.partition, r.first_offset, r.next_offset, r.outcomes, r.skipped,
           count(i."offset") as records,
           r.next_offset - r.first_offset
               - greatest(0, least(r.next_offset, g."end") - greatest(r.first_offset, g.first)) as unseen
    from reading r
    join input_range g using (topic, partition)
    left join input_record i
           on i.topic = r.topic and i.partition = r.partition
          and i."offset" >= r.first_offset and i."offset" < r.next_offset
    where r.is_this_log
    group by r.group_id, r.topic, r.partition, r.number, r.first_offset, r.next_offset, r.outcomes, r.skipped, g.first, g."end"
)
select format('%s[%s] of %s: %s records from %s to %s%s; %s outcomes and %s skipped', topic, partition, group_id,
              records, first_offset, next_offset - 1,
              case when unseen > 0 then format(', and %s offsets that are not retained', unseen) end,
              outcomes, skipped),
       count(*) over ()
from found
where outcomes not between records and records + unseen
order by topic, partition, first_offset
limit $1
