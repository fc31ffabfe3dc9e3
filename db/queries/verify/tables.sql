-- Why: The checker puts what it reads from the topics and the outbox into temporary tables. It compares them with the
--   tables of the database, partly through temporary views. All of these are gone when its connection closes.
-- Runs it: `salesplan verify`, first on its connection. The file has several statements without parameters.
-- Returns nothing.
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
    origin_offset bigint,
    origin_digest bytea, -- of the record as it came
    value_left_out bigint, -- bytes of the record's value, where the letter came without it; else null
    refused boolean, -- the record was good, and the database refused it
    published_at timestamptz
);
create temporary table bounds (
    topic text not null,
    partition integer not null,
    first bigint not null,
    "end" bigint not null,
    letters_of text -- the input whose dead letters the topic holds
);
create temporary table log (topic text not null, cluster_id text, topic_id uuid); -- which one each input is now
create temporary table input_record (
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    written_at timestamptz not null, -- the record's own time
    digest bytea not null, -- of key, value and headers
    value_bytes bigint, -- of the value, 0 for none
    poison boolean not null,
    kind text, -- a trigger, or manager-contact; this and what follows is null of poison
    account_id text,
    lead_id text,
    ref text, -- LGT, offer or manager
    event_id uuid, -- of leads
    occurred_at timestamptz -- of contacts
);
create temporary table input_range ( -- the offsets of which input_record holds every record
    topic text not null,
    partition integer not null,
    first bigint not null,
    "end" bigint not null,
    letters_since timestamptz not null
);
create temporary table entry_rule (
    plan_no integer not null,
    account_id text not null,
    kind text not null,
    ref text not null,
    since timestamptz not null, -- the plan's first version
    always boolean not null
);
create temporary table in_force (
    plan_no integer not null,
    topic text not null,
    partition integer not null,
    "offset" bigint not null
);
create temporary table entry ( -- records that certainly brought their lead into a plan, unless it was there
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    lead_id text not null,
    plan_no integer not null
);
create temporary table published_position (group_id text not null, number integer not null, sequence bigint not null);
create temporary table share (plan_no integer not null, manager_id text not null, leads bigint not null, last_seq bigint not null);

-- Every reading of a partition: where the group is now, and what resets have left behind. After a reset a record may
-- have been read more than once; after a topic was made anew, or moved, older offsets mean other records.
create temporary view reading as
select e.*,
       e.assigned + e.waiting + e.already_assigned + e.no_match + e.contact_recorded + e.dead_lettered as outcomes,
       count(*) over w > 1 as is_one_of_several,
       min(e.group_id) over w = max(e.group_id) over w as is_of_the_only_group,
       case when e.is_current -- by a worker that has not told yet where it reads, if not known
            then coalesce(e.cluster_id = l.cluster_id, true) and coalesce(e.topic_id = l.topic_id, true)
            else coalesce(e.cluster_id = l.cluster_id and e.topic_id = l.topic_id, false)
       end as is_this_log
from (
    select group_id, topic, partition, reading as number, true as is_current, first_offset, next_offset, skipped, assigned, waiting,
           already_assigned, no_match, contact_recorded, dead_lettered, cluster_id, topic_id
    from salesplan.position
    union all
    select group_id, topic, partition, reading, false, first_offset, next_offset, skipped, assigned, waiting,
           already_assigned, no_match, contact_recorded, dead_lettered, cluster_id, topic_id
    from salesplan.position_past
    where next_offset > first_offset
) e
left join log l using (topic)
window w as (partition by e.topic, e.partition);

-- Partitions of which every reading was of this log: a record's place says which one it is.
create temporary view one_log as
select i.*
from input_range i
where not exists (
    select from reading r where r.topic = i.topic and r.partition = i.partition and not r.is_this_log
);

-- Records that were certainly taken for what they say: neither poison nor refused by the database.
create temporary view taken as
select i.*
from input_record i
join input_range g
  on g.topic = i.topic and g.partition = i.partition and i.written_at >= g.letters_since
where not i.poison
  and not exists (
      select from dead_letter d
      where d.refused and d.origin_topic = i.topic and d.origin_partition = i.partition
        and d.origin_offset = i."offset"
  );

-- How many leads of an account may be missing, since they were erased and records of theirs may still be retained.
create temporary view forgotten as
select account_id, count(*) filter (where assignments + waiting > 0) as leads,
       count(*) filter (where contacts > 0) as contacted
from salesplan.erasure
where erased_at > (select min(written_at) from input_record) - interval '1 day' -- clocks being what they are
group by account_id;
