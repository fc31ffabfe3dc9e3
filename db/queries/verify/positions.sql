-- Why: (I4) No position is beyond the end of its log. If a position is, it belongs to another log, or the log is an
--   older copy.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s[%s] of %s: the position is %s, the log ends at %s',
              p.topic, p.partition, p.group_id, p.next_offset, b."end"),
       count(*) over ()
from salesplan.position p
join bounds b using (topic, partition)
where p.next_offset > b."end"
order by p.topic, p.partition
limit $1
