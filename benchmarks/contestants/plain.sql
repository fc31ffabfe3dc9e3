-- The tables that a service of the usual make has: a row a manager, a row an assignment.
create schema plain;

create table plain.plan (
    plan_no integer primary key,
    account_id text not null,
    plan_id text not null,
    name text not null,
    version integer not null,
    last_seq bigint not null default 0
);

create table plain.trigger (
    account_id text not null,
    kind text not null,
    ref text not null,
    plan_no integer not null references plain.plan,
    primary key (account_id, kind, ref, plan_no)
);

create table plain.member (
    plan_no integer not null references plain.plan,
    manager_id text not null,
    assigned bigint not null default 0,
    last_seq bigint not null default 0,
    primary key (plan_no, manager_id)
);

create table plain.assignment (
    plan_no integer not null,
    lead_id text not null,
    manager_id text not null,
    plan_seq bigint not null,
    trigger_kind text not null,
    trigger_event_id uuid not null,
    event_id uuid not null,
    assigned_at timestamptz not null,
    primary key (plan_no, lead_id)
);
