-- What the checker reads from the topics and the outbox, to be compared with the tables. Gone with its connection.
create temporary table announced ( -- what says that a lead is assigned
    source text not null, -- committed: as read_committed readers see it; uncommitted: only others do; pending: outbox
    topic text not null, -- of pending ones: the outbox, with slot and sequence as partition and offset
    partition integer not null,
    "offset" bigint not null,
    digest bytea not null, -- of key, value and headers
    fault text, -- what is wrong with it by itself
    event_id uuid,
    account_id text,
    plan_id text,
    plan_seq bigint,
    lead_id text,
    manager_id text,
    previous_manager_id text,
    revision bigint,
    plan_version bigint,
    plan_name text,
    label_text text,
    label_color text,
    trigger_kind text,
    trigger_event_id uuid,
    lgt_id text,
    offer_id text,
    reason text,
    occurred_at timestamptz,
    published_at timestamptz -- the record's own time
);
create temporary table dead_letter (
    source text not null,
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    digest bytea not null,
    fault text,
    group_id text, -- by the headers: whose it is and where it came from
    origin_topic text,
    origin_partition integer,
    origin_offset bigint
);
create temporary table bounds (topic text not null, partition integer not null, first bigint not null, "end" bigint not null);
create temporary table published_position (group_id text not null, number integer not null, sequence bigint not null);
create temporary table share (plan_no integer not null, manager_id text not null, leads bigint not null, last_seq bigint not null);
