-- Why: The publisher splits a row. It writes one row with the messages that can be published, and one for each topic
--   with the messages that it holds back. Each new row has the time of the old one.
-- Runs it: a publisher when it opens, after held/take_row and in the same transaction.
-- $1 group_id (text): the consumer group.
-- $2 slot_number (integer): the number of the slot.
-- $3 sequence (bigint): the row's sequence.
-- $4 messages (bytea): the messages, packed.
-- $5 created_at (timestamptz): when they were decided.
-- $6 held_topic (text): the topic that does not take them, null in a row that can be published.
-- $7 held_messages (integer): how many messages are held, else null.
-- $8 held_bytes (integer): the bytes of a batch that the topic must take, else null.
-- Returns nothing.
insert into salesplan.outbox (
    group_id, slot_number, sequence, messages, created_at, held_topic, held_messages, held_bytes
)
values ($1, $2, $3, $4, $5, $6, $7, $8)
