-- Four roles that nobody logs in as; logins are made members of them (db/README.md). Roles belong to the whole cluster:
-- they may be there already, made by an administrator or by the migration of another database.
do $$
declare
    role text;
begin
    foreach role in array array['salesplan_worker', 'salesplan_reader', 'salesplan_manager', 'salesplan_console'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = role) then
            begin
                execute format('create role %I nologin', role);
            exception when duplicate_object or unique_violation then
                null; -- made at the same moment, by the migration of another database
            end;
        end if;
    end loop;
exception when insufficient_privilege then
    raise insufficient_privilege using message = format(
        'role %s is missing and %s may not create roles: an administrator has to run "create role salesplan_worker; '
        'create role salesplan_reader; create role salesplan_manager; create role salesplan_console; create role salesplan_head" once',
        role, current_user);
end $$;

-- Who a login is. Only the owner writes it, so that nobody can become somebody else.
create table salesplan.manager_login (
    login name primary key,
    account_id text not null,
    manager_id text not null
);

-- The worker, and the commands that change plans or positions: rows, and of rows that change the columns that do.
grant usage on schema salesplan to salesplan_worker;
grant usage on sequence salesplan.arrival to salesplan_worker;
grant select on salesplan.account, salesplan.assignment, salesplan.contact, salesplan.outbox, salesplan.plan,
    salesplan.plan_book, salesplan.plan_counter, salesplan.plan_lgt, salesplan.plan_version, salesplan.position,
    salesplan.position_past, salesplan.slot, salesplan.unmatched, salesplan.waiting_lead to salesplan_worker;
grant insert on salesplan.account, salesplan.assignment, salesplan.contact, salesplan.outbox, salesplan.plan,
    salesplan.plan_counter, salesplan.plan_lgt, salesplan.plan_version, salesplan.position,
    salesplan.position_past, salesplan.slot, salesplan.unmatched, salesplan.waiting_lead to salesplan_worker;
grant delete on salesplan.outbox, salesplan.plan_lgt, salesplan.position, salesplan.waiting_lead to salesplan_worker;
grant update (account_id) on salesplan.account to salesplan_worker; -- never done: a lock asks for the right to
grant update (revision) on salesplan.plan_book to salesplan_worker;
grant update (version, archived, roster, book_revision) on salesplan.plan to salesplan_worker;
grant update (last_seq, waiting, assigned, last_seqs) on salesplan.plan_counter to salesplan_worker;
grant update (occurred_at, arrival) on salesplan.contact to salesplan_worker;
grant update (times, last_seen_at) on salesplan.unmatched to salesplan_worker;
grant update (next_offset, skipped, assigned, waiting, already_assigned, no_match, contact_recorded, dead_lettered,
    cluster_id, topic_id) on salesplan.position to salesplan_worker;
grant update (epoch, sequence, confirmed, lease_until, owner) on salesplan.slot to salesplan_worker;

-- Operators and reports: everything, and nothing to be changed.
grant usage on schema salesplan, salesplan_api to salesplan_reader;
grant select on all tables in schema salesplan, salesplan_api to salesplan_reader;

-- Whether the role now in force sees every row: the owner and readers do, everybody else what is his.
-- "immutable" makes the planner ask, and leave out what this role does not see: a plan that only skips it when it is
-- executed shows in EXPLAIN how many rows of whom are expected there. It is a lie as soon as a session changes its
-- role; row-level security on a table of the query has Postgres plan it anew then, and the policy below is for that.
create function salesplan.sees_all() returns boolean
language sql immutable parallel safe
return pg_has_role(current_user, 'salesplan_reader', 'usage')
    or pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'salesplan'), 'usage');

alter table salesplan.plan enable row level security;
create policy every_plan on salesplan.plan using (true); -- who may read the table at all is for grants to say

-- Whose rows this session sees who does not see all. By the login, which no statement changes: a setting can be set by
-- whoever has a prompt, and is believed only of the console's login, which speaks for the manager it has let in.
create view salesplan.viewer as
select account_id, manager_id
from salesplan.manager_login
where login = session_user
union all
select current_setting('salesplan.account_id', true), current_setting('salesplan.manager_id', true)
where pg_has_role(session_user, 'salesplan_console', 'usage')
  and not exists (select from salesplan.manager_login where login = session_user);

-- What is his. Functions of the owner that take no argument, so that neither a plan nor a condition of the query that
-- calls them gets to see another row; counters hold all managers' in one row, which no policy could cut up.
create function salesplan.own_assignments()
returns table (
    account_id text, plan_id text, lead_id text, manager_id text, plan_seq bigint, revision integer, reason text,
    plan_version integer, trigger_kind text, trigger_event_id uuid, source_topic text, source_partition integer,
    source_offset bigint, event_id uuid, assigned_at timestamptz
)
language sql stable security definer
begin atomic
    select p.account_id, p.plan_id, a.lead_id, a.manager_id, a.plan_seq, a.revision, a.reason, a.plan_version,
           a.trigger_kind, a.trigger_event_id, a.source_topic, a.source_partition, a.source_offset, a.event_id,
           a.assigned_at
    from salesplan.viewer v
    join salesplan.plan p on p.account_id = v.account_id and v.manager_id = any (p.roster)
    join salesplan.assignment a on a.plan_no = p.plan_no and a.manager_id = v.manager_id;
end;

create function salesplan.own_plan_managers()
returns table (account_id text, plan_id text, manager_id text, active boolean, assigned_count integer)
language sql stable security definer
begin atomic
    select p.account_id, p.plan_id, r.manager_id,
           coalesce(pv.active[array_position(pv.managers, r.manager_id)], false) and not p.archived, r.assigned_count
    from salesplan.viewer v
    join salesplan.plan p on p.account_id = v.account_id
    join salesplan.plan_version pv on pv.plan_no = p.plan_no and pv.version = p.version
    join salesplan.plan_counter c on c.plan_no = p.plan_no
    cross join lateral unnest(p.roster, c.assigned) as r (manager_id, assigned_count)
    where r.manager_id = v.manager_id;
end;

-- The plans he is in. Leads and potential are of his leads alone: from all of a plan's he could tell a colleague's.
create function salesplan.own_plans()
returns table (
    account_id text, plan_id text, name text, version integer, mode text, archived boolean, leads bigint,
    potential_usd numeric
)
language sql stable security definer
begin atomic
    select p.account_id, p.plan_id, pv.name, p.version, pv.mode, p.archived, mine.leads,
           round(mine.leads * pv.conversion_percent / 100 * pv.average_sale, 2)
    from salesplan.viewer v
    join salesplan.plan p on p.account_id = v.account_id
    join salesplan.plan_version pv on pv.plan_no = p.plan_no and pv.version = p.version
    join salesplan.plan_counter c on c.plan_no = p.plan_no
    cross join lateral (select c.assigned[array_position(p.roster, v.manager_id)]::bigint as leads) mine
    where v.manager_id = any (pv.managers);
end;

revoke all on function salesplan.own_assignments, salesplan.own_plan_managers, salesplan.own_plans from public;
grant execute on function salesplan.own_assignments, salesplan.own_plan_managers, salesplan.own_plans
    to salesplan_manager, salesplan_console;

create or replace view salesplan_api.assignments with (security_barrier) as
select p.account_id, p.plan_id, a.lead_id, a.manager_id, a.plan_seq, a.revision, a.reason, a.plan_version,
       a.trigger_kind, a.trigger_event_id, a.source_topic, a.source_partition, a.source_offset, a.event_id,
       a.assigned_at
from salesplan.assignment a
join salesplan.plan p using (plan_no)
where salesplan.sees_all()
union all
select * from salesplan.own_assignments() where not salesplan.sees_all();

create or replace view salesplan_api.plan_managers with (security_barrier) as
select p.account_id, p.plan_id, r.manager_id,
       coalesce(v.active[array_position(v.managers, r.manager_id)], false) and not p.archived as active,
       r.assigned_count
from salesplan.plan p
join salesplan.plan_version v using (plan_no, version)
join salesplan.plan_counter c using (plan_no)
cross join lateral unnest(p.roster, c.assigned) as r (manager_id, assigned_count)
where salesplan.sees_all()
union all
select * from salesplan.own_plan_managers() where not salesplan.sees_all();

create or replace view salesplan_api.plans with (security_barrier) as
select p.account_id, p.plan_id, v.name, p.version, v.mode, p.archived, c.last_seq + c.waiting as leads,
       round((c.last_seq + c.waiting) * v.conversion_percent / 100 * v.average_sale, 2) as potential_usd
from salesplan.plan p
join salesplan.plan_version v using (plan_no, version)
join salesplan.plan_counter c using (plan_no)
where salesplan.sees_all()
union all
select * from salesplan.own_plans() where not salesplan.sees_all();

-- Who waits and what matched no plan is nobody's own: of those two a manager sees nothing.
grant usage on schema salesplan_api to salesplan_manager, salesplan_console;
grant select on salesplan_api.assignments, salesplan_api.plan_managers, salesplan_api.plans
    to salesplan_manager, salesplan_console;
