-- `salesplan migrate` makes schema salesplan before, because the version is kept in it; an administrator may have made
-- both, for an owner who may create no schema. Asked first: `if not exists` wants the right to create all the same.
do $$
begin
    if to_regnamespace('salesplan') is null then
        create schema salesplan;
    end if;
    if to_regnamespace('salesplan_api') is null then
        create schema salesplan_api;
    end if;
end $$;

-- Rules ------------------------------------------------------------------------------------------------------------

-- One row: the revision of the whole plan book. Every edit raises it; every batch reads it under its locks, so that
-- a batch matched against an older book is rolled back and matched again.
create table salesplan.plan_book (
    only_row boolean primary key default true check (only_row),
    revision bigint not null
);
insert into salesplan.plan_book (revision) values (0);

-- Edits of one account queue up on its row.
create table salesplan.account (
    account_id text primary key check (char_length(account_id) between 1 and 128)
);

create table salesplan.plan (
    plan_no integer generated always as identity primary key,
    account_id text not null,
    plan_id text not null check (plan_id ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(plan_id) <= 128),
    version integer not null,
    archived boolean not null,
    -- Everyone who was ever in the plan, in order of arrival. Only appended to: the arrays of plan_counter are
    -- indexed by it.
    roster text[] not null,
    -- The book's revision at this plan's last change: workers reload what is newer than what they hold.
    book_revision bigint not null,
    unique (account_id, plan_id)
);
create index plan_book_revision on salesplan.plan (book_revision);

create table salesplan.plan_version (
    plan_no integer not null references salesplan.plan,
    version integer not null check (version >= 1),
    name text not null check (char_length(name) between 1 and 120),
    conversion_percent numeric(5, 2) not null check (conversion_percent between 0 and 100),
    average_sale numeric(14, 2) not null check (average_sale >= 0),
    label_text text check (char_length(label_text) between 1 and 30),
    label_color text check (label_color ~ '^#[0-9a-f]{6}$'),
    mode text not null check (mode in ('even', 'linked')),
    managers text[] not null,
    active boolean[] not null,
    lgts text[] not null,
    ordered text[] not null,
    payment_failed text[] not null,
    paid text[] not null,
    archived boolean not null,
    changed_by text not null,
    changed_at timestamptz not null,
    primary key (plan_no, version),
    check (label_color is null or label_text is not null),
    check (cardinality(managers) = cardinality(active))
);

-- One LGT is in at most one active plan of its account.
create table salesplan.plan_lgt (
    account_id text not null,
    lgt_id text not null,
    plan_no integer not null references salesplan.plan,
    primary key (account_id, lgt_id)
);
create index plan_lgt_plan on salesplan.plan_lgt (plan_no);

-- Decisions --------------------------------------------------------------------------------------------------------

-- The row a batch locks before it decides. Narrow, updated in place (HOT: no further index, room on the page), and
-- referenced by no foreign key, so that locking it blocks nobody else.
create table salesplan.plan_counter (
    plan_no integer primary key,
    last_seq bigint not null default 0,
    waiting integer not null default 0 check (waiting >= 0),
    assigned integer[] not null, -- by place in plan.roster: leads he was given in this plan
    last_seqs bigint[] not null, -- by place in plan.roster: plan_seq of his latest one, 0 = never
    check (cardinality(assigned) = cardinality(last_seqs))
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- The ledger. The primary key proves plan_seq, the unique key "one lead at most once in one plan".
-- No foreign key to plan: it would take a row lock on the plan for every lead.
create table salesplan.assignment (
    plan_no integer not null,
    plan_seq bigint not null check (plan_seq >= 1),
    lead_id text not null,
    manager_id text not null,
    previous_manager_id text,
    revision integer not null check (revision >= 1),
    reason text not null check (reason in ('even', 'linked_contact', 'linked_plan')),
    plan_version integer not null,
    trigger_kind text not null check (trigger_kind in ('subscription', 'order', 'failed-payment', 'paid')),
    trigger_event_id uuid not null,
    trigger_ref text not null, -- the LGT or offer
    source_topic text not null,
    source_partition integer not null,
    source_offset bigint not null,
    event_id uuid not null,
    assigned_at timestamptz not null, -- the database's clock, read under the plan's lock
    links jsonb, -- what a linked plan saw of the lead's managers; null in even plans
    primary key (plan_no, plan_seq),
    unique (lead_id, plan_no)
);

create sequence salesplan.arrival increment by 65536; -- one number a batch; its records count up from there

create table salesplan.waiting_lead (
    plan_no integer not null,
    arrival bigint not null,
    lead_id text not null,
    since timestamptz not null,
    trigger_kind text not null check (trigger_kind in ('subscription', 'order', 'failed-payment', 'paid')),
    trigger_event_id uuid not null,
    trigger_ref text not null,
    source_topic text not null,
    source_partition integer not null,
    source_offset bigint not null,
    traceparent text,
    primary key (plan_no, arrival),
    unique (lead_id, plan_no)
);

-- The latest contact of each manager with a lead.
create table salesplan.contact (
    account_id text not null,
    lead_id text not null,
    manager_id text not null,
    occurred_at timestamptz not null,
    arrival bigint not null,
    primary key (account_id, lead_id, manager_id)
);

-- What falls through. One row a slot, so that workers do not queue for each other on a popular row.
create table salesplan.unmatched (
    slot_number integer not null,
    account_id text not null,
    trigger_kind text not null,
    ref text not null,
    times bigint not null,
    last_seen_at timestamptz not null,
    primary key (slot_number, account_id, trigger_kind, ref)
) with (fillfactor = 70);

-- Positions and publishing -----------------------------------------------------------------------------------------

-- How far each input is read, and what became of its records: next_offset - first_offset = skipped + the outcomes.
create table salesplan.position (
    group_id text not null,
    topic text not null,
    partition integer not null,
    first_offset bigint not null,
    next_offset bigint not null,
    skipped bigint not null default 0, -- offsets that hold no record: transaction markers, compacted away
    assigned bigint not null default 0,
    waiting bigint not null default 0,
    already_assigned bigint not null default 0,
    no_match bigint not null default 0,
    contact_recorded bigint not null default 0,
    dead_lettered bigint not null default 0,
    primary key (group_id, topic, partition)
) with (fillfactor = 50);

-- A slot is the right to write and publish under one transactional id. Its epoch goes up with every new owner.
create table salesplan.slot (
    group_id text not null,
    number integer not null,
    epoch bigint not null,
    sequence bigint not null default 0, -- last outbox row written
    confirmed bigint not null default 0, -- last outbox row known to be published
    lease_until timestamptz not null,
    owner text not null,
    primary key (group_id, number),
    check (confirmed <= sequence)
) with (fillfactor = 50);

-- All messages of one batch, packed and compressed by the worker; kept until they are known to be published.
create table salesplan.outbox (
    group_id text not null,
    slot_number integer not null,
    sequence bigint not null,
    messages bytea not null,
    created_at timestamptz not null,
    primary key (group_id, slot_number, sequence)
);
alter table salesplan.outbox alter column messages set storage external;

-- Reports ----------------------------------------------------------------------------------------------------------

create view salesplan_api.assignments with (security_barrier) as
select p.account_id, p.plan_id, a.lead_id, a.manager_id, a.plan_seq, a.revision, a.reason, a.plan_version,
       a.trigger_kind, a.trigger_event_id, a.source_topic, a.source_partition, a.source_offset, a.event_id,
       a.assigned_at
from salesplan.assignment a
join salesplan.plan p using (plan_no);

create view salesplan_api.plan_managers with (security_barrier) as
select p.account_id, p.plan_id, r.manager_id,
       coalesce(v.active[array_position(v.managers, r.manager_id)], false) and not p.archived as active,
       r.assigned_count
from salesplan.plan p
join salesplan.plan_version v using (plan_no, version)
join salesplan.plan_counter c using (plan_no)
cross join lateral unnest(p.roster, c.assigned) as r (manager_id, assigned_count);

create view salesplan_api.waiting with (security_barrier) as
select p.account_id, p.plan_id, w.lead_id, w.since
from salesplan.waiting_lead w
join salesplan.plan p using (plan_no);

create view salesplan_api.plans with (security_barrier) as
select p.account_id, p.plan_id, v.name, p.version, v.mode, p.archived,
       c.last_seq + c.waiting as leads,
       round((c.last_seq + c.waiting) * v.conversion_percent / 100 * v.average_sale, 2) as potential_usd
from salesplan.plan p
join salesplan.plan_version v using (plan_no, version)
join salesplan.plan_counter c using (plan_no);

create view salesplan_api.unmatched with (security_barrier) as
select account_id, trigger_kind, ref, sum(times)::bigint as times, max(last_seen_at) as last_seen_at
from salesplan.unmatched
group by account_id, trigger_kind, ref;
