-- Writes a row of the outbox as old as the one it comes from. $1 group, $2 slot, $3 sequence, $4 packed messages, $5 when
-- they were decided; $6 the topic that does not take them, $7 how many they are, $8 the bytes of a batch that the topic
-- must take: null in a row that can be published.
insert into salesplan.outbox (
    group_id, slot_number, sequence, messages, created_at, held_topic, held_messages, held_bytes
)
values ($1, $2, $3, $4, $5, $6, $7, $8)
