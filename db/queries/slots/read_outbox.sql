-- Why: A publisher first publishes the rows that wait, or are not known to be published.
-- Runs it: a publisher when it opens.
-- $1 group_id (text): the consumer group.
-- $2 slot_number (integer): the number of the slot.
-- $3 confirmed (bigint): the last sequence known to be published.
-- $4 last (bigint): the slot's last sequence.
-- Returns sequence and messages (packed) of the rows in between, the last one included, in order.
select sequence, messages
from salesplan.outbox
where group_id = $1 and slot_number = $2 and sequence > $3 and sequence <= $4
order by sequence
