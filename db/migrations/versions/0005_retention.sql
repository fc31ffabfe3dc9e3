-- How far back a table was pruned, and what went: checks add it, or do not miss it.
create table salesplan.pruned (
    what text primary key check (what in ('unmatched', 'contact')),
    before timestamptz not null default '-infinity', -- what is older may be gone
    entries bigint not null default 0,
    times bigint not null default 0 -- what the pruned counters had counted
);
insert into salesplan.pruned (what) values ('unmatched'), ('contact');

-- That a lead was erased, when and by whom: never which one. `erased_id` stands in the ledger in the place of its id.
create table salesplan.erasure (
    erased_id text primary key,
    account_id text not null,
    erased_at timestamptz not null,
    erased_by text not null,
    assignments integer not null,
    waiting integer not null,
    contacts integer not null
);
create index erasure_account on salesplan.erasure (account_id, erased_at);

-- The owner prunes and erases; readers check against what is kept here.
grant select on salesplan.pruned, salesplan.erasure to salesplan_reader;
