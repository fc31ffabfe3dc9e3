-- The rows that wait to be published, or are not known to be: after the first sequence, up to the other.
select sequence, messages
from salesplan.outbox
where group_id = $1 and slot_number = $2 and sequence > $3 and sequence <= $4
order by sequence
