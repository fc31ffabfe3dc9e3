-- Why: (I3) All copies of one message have the same key, value and headers. This includes copies from aborted
--   transactions.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('event %s, %s different ones: %s', event_id, count(distinct digest),
              string_agg(format('%s[%s]@%s', topic, partition, "offset"), ', ' order by topic, partition, "offset")),
       count(*) over ()
from announced
where event_id is not null
group by event_id
having count(distinct digest) > 1
order by event_id
limit $1
