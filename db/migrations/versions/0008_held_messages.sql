-- A row that waits for a topic's limit to be raised: the topic, how many messages the row has, and how many bytes the
-- topic must take in one batch. All are null in a row that can be published.
alter table salesplan.outbox
    add column held_topic text,
    add column held_messages integer,
    add column held_bytes integer;
