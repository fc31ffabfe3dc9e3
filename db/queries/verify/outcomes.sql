-- Why: (I1) In every partition, the outcomes and the skipped offsets add up to the offsets that were read. None of the
--   counts is negative.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s[%s] of %s: %s offsets, %s outcomes and %s skipped',
              topic, partition, group_id, next_offset - first_offset, outcomes, skipped),
       count(*) over ()
from reading
where next_offset - first_offset <> skipped + outcomes
   or least(skipped, assigned, waiting, already_assigned, no_match, contact_recorded, dead_lettered) < 0
order by topic, partition, first_offset
limit $1
