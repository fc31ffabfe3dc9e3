-- Why: Kafka knows of no more published rows of a slot than were written. Where it does, the database is an older copy.
--   The snapshot is younger than what Kafka was asked.
-- Runs it: `salesplan verify`, in the snapshot that it takes after it has read the topics.
-- $1 examples (bigint): how many examples to return at most.
-- Returns examples: a text, and how many there are in all. No row where the check holds.
select format('slot %s of %s: Kafka holds published row %s, written are %s', k.number, k.group_id, k.sequence,
              s.sequence),
       count(*) over ()
from published_position k
left join salesplan.slot s using (group_id, number)
where s.sequence is null or k.sequence > s.sequence
order by 1
limit $1
