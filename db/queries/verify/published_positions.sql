-- Slots: Kafka knows of no more published rows than were written; else the database is an older copy. Asked after the
-- positions were read.
select format('slot %s of %s: Kafka holds published row %s, written are %s', k.number, k.group_id, k.sequence,
              s.sequence),
       count(*) over ()
from published_position k
left join salesplan.slot s using (group_id, number)
where s.sequence is null or k.sequence > s.sequence
order by 1
limit $1
