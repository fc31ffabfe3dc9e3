-- Which log a position counts in: a topic made anew, or that of another cluster, may hold other records at the same
-- offset. Null: of a worker before this release; filled in when the partition is sought next.
alter table salesplan.position
    add column cluster_id text,
    add column topic_id uuid,
    -- Goes up with a reset, and is part of the compare-and-set: a batch in hand from before can't be written after.
    add column reading integer not null default 1;

-- What a reset leaves behind: how far a partition had been read, and what had become of its records.
create table salesplan.position_past (
    group_id text not null,
    topic text not null,
    partition integer not null,
    reading integer not null,
    first_offset bigint not null,
    next_offset bigint not null,
    skipped bigint not null,
    assigned bigint not null,
    waiting bigint not null,
    already_assigned bigint not null,
    no_match bigint not null,
    contact_recorded bigint not null,
    dead_lettered bigint not null,
    cluster_id text,
    topic_id uuid,
    ended_at timestamptz not null,
    ended_by text not null,
    reset_to text not null, -- earliest, latest or a time, as it was asked for
    primary key (group_id, topic, partition, reading)
);
