-- Why: (I3) A read_committed reader sees each assignment once. No assignment is in two rows of the outbox, which would
--   publish it twice.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('event %s, %s times: %s', event_id, count(*),
              string_agg(format('%s[%s]@%s', topic, partition, "offset"), ', ' order by topic, partition, "offset")),
       count(*) over ()
from announced
where source in ('committed', 'pending') and event_id is not null
group by source, event_id
having count(*) > 1
order by event_id
limit $1
