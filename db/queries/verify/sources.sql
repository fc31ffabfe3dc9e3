-- Why: (I1) The check counts the records of a partition that brought leads in. A record with the outcome `assigned` has
--   left at least one assignment, and perhaps waiting leads in other plans. So there are at least as many such records
--   as the position counts with `assigned`. A record with `waiting` has left a waiting lead, which may be assigned by
--   now, or nothing if the lead waited already. So there are at most as many as the position counts with `assigned` or
--   `waiting`. Records with other outcomes, and records at or beyond the position, have left nothing. After a reset, a
--   record that is read again may bring leads into further plans.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
with source as (
    select source_topic as topic, source_partition as partition, source_offset as "offset" from salesplan.assignment
    union
    select source_topic, source_partition, source_offset from salesplan.waiting_lead
), found as (
    select topic, partition, count(*) as records, max("offset") as latest from source group by topic, partition
), counted as (
    select topic, partition, max(assigned) as at_least, sum(assigned) as assigned, sum(waiting) as waiting,
           max(next_offset) as next_offset
    from reading
    group by topic, partition
)
select format('%s[%s]: leads came from %s records up to %s; counted as assigned %s, as waiting %s, up to %s',
              topic, partition, coalesce(records, 0), coalesce(latest, -1), coalesce(assigned, 0),
              coalesce(waiting, 0), coalesce(next_offset, 0) - 1),
       count(*) over ()
from found
full join counted using (topic, partition)
where coalesce(records, 0) not between coalesce(at_least, 0) and coalesce(assigned, 0) + coalesce(waiting, 0)
   or coalesce(latest, -1) >= coalesce(next_offset, 0)
order by topic, partition
limit $1
