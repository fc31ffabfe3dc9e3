-- Why: (I4) No position is beyond the end of its log. Where one is, it was read in another log, or the log is an older
--   copy.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples to return at most.
-- Returns examples: a text, and how many there are in all. No row where the check holds.
select format('%s[%s] of %s: the position is %s, the log ends at %s',
              p.topic, p.partition, p.group_id, p.next_offset, b."end"),
       count(*) over ()
from salesplan.position p
join bounds b using (topic, partition)
where p.next_offset > b."end"
order by p.topic, p.partition
limit $1
