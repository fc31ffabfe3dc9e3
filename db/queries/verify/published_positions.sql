-- Why: For each slot, Kafka keeps the sequence of the last row that was published. This sequence is not above that of
--   the last row that was written. If it is, the database is an older copy. The checker takes this snapshot after it
--   has asked Kafka.
-- Runs it: `salesplan verify`, in the snapshot that it takes after it has read the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('slot %s of %s: Kafka holds published row %s, written are %s', k.number, k.group_id, k.sequence,
              s.sequence),
       count(*) over ()
from published_position k
left join salesplan.slot s using (group_id, number)
where s.sequence is null or k.sequence > s.sequence
order by 1
limit $1
