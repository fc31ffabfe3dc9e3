-- The fifth role: logins in it read and edit the plans of one account, that of the head of sales they have let in.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'salesplan_head') then
        create role salesplan_head nologin;
    end if;
exception
    when duplicate_object or unique_violation then
        null; -- made at the same moment, by the migration of another database
    when insufficient_privilege then
        raise insufficient_privilege using message = format(
            'role salesplan_head is missing and %s may not create roles: an administrator has to run '
            '"create role salesplan_head" once', current_user);
end $$;

-- Who a signed-in user is in an account. Only the owner writes it: who writes it can become anybody.
create table salesplan.person (
    user_id text check (char_length(user_id) between 1 and 255),
    account_id text check (char_length(account_id) between 1 and 128),
    role text not null check (role in ('head', 'manager')),
    manager_id text check (char_length(manager_id) between 1 and 128),
    primary key (user_id, account_id),
    check ((role = 'manager') = (manager_id is not null))
);

-- Names that pages show beside ids.
create table salesplan.display_name (
    account_id text,
    kind text check (kind in ('manager', 'lgt', 'offer')),
    id text check (char_length(id) between 1 and 128),
    name text not null check (char_length(name) between 1 and 120),
    primary key (account_id, kind, id)
);

-- What `enter` seals with: whoever reads it can be anybody, so nobody but the owner does.
create table salesplan.entry_secret (
    only_row boolean primary key default true check (only_row),
    secret bytea not null
);
insert into salesplan.entry_secret (secret) values (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- As whom this login's users enter. Null where the login is of neither kind, of both, or may do more: such a login would
-- see other rows than those of the person it has let in.
create function salesplan.login_role() returns text
language sql stable security definer
begin atomic
    select case
               when r.rolsuper or r.rolbypassrls
                    or pg_has_role(r.oid, (select nspowner from pg_namespace where nspname = 'salesplan'), 'member')
                    or pg_has_role(r.oid, 'salesplan_worker', 'member')
                    or pg_has_role(r.oid, 'salesplan_reader', 'member')
                    or pg_has_role(r.oid, 'pg_read_all_data', 'member')
                    or pg_has_role(r.oid, 'pg_write_all_data', 'member')
                    or pg_has_role(r.oid, 'salesplan_console', 'member')
                       and pg_has_role(r.oid, 'salesplan_head', 'member')
                    or exists (select from salesplan.manager_login where login = r.rolname)
                   then null
               when pg_has_role(r.oid, 'salesplan_console', 'usage') then 'manager'
               when pg_has_role(r.oid, 'salesplan_head', 'usage') then 'head'
           end
    from pg_roles r
    where r.rolname = session_user;
end;

-- A setting can be set by whoever has a prompt, so the person in force is sealed: by the secret, for this login and for
-- this transaction alone. A seal that is left behind in a session is worth nothing in the next transaction.
create function salesplan.entry_seal(role text, account_id text, manager_id text) returns text
language sql stable security definer
begin atomic
    select encode(sha256(s.secret || sha256(s.secret || convert_to(json_build_array(
               $1, $2, $3, session_user, extract(epoch from transaction_timestamp()))::text, 'UTF8'))), 'hex')
    from salesplan.entry_secret s;
end;

-- Who has been let in for this transaction; no row where nobody has.
create function salesplan.entered() returns table (role text, account_id text, manager_id text)
language sql stable security definer
begin atomic
    select e.role, e.account_id, e.manager_id
    from (
        select salesplan.login_role(), current_setting('salesplan.account_id', true),
               nullif(current_setting('salesplan.manager_id', true), '')
    ) as e (role, account_id, manager_id)
    where e.role is not null
      and current_setting('salesplan.entry', true) = salesplan.entry_seal(e.role, e.account_id, e.manager_id);
end;

-- The account of the head of sales who has been let in; null where there is none.
create function salesplan.entered_account() returns text
language sql stable security definer
begin atomic
    select account_id from salesplan.entered() where role = 'head';
end;

-- Lets the user in for this transaction, in the role that this login is for. Returns no row, and lets nobody in, where he
-- is nobody there. A transaction is one person's: who calls it again for another one is refused.
create function salesplan_api.enter(who text, of_account text)
returns table (role text, manager_id text, manager_name text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    before record;
    found_person record;
begin
    select * into before from salesplan.entered();
    select p.role, p.account_id, p.manager_id into found_person
    from salesplan.person p
    where p.user_id = who and p.account_id = of_account and p.role = salesplan.login_role();
    if before.role is not null and before is distinct from found_person then
        raise insufficient_privilege using message = 'this transaction is another person''s: enter once, first';
    end if;
    perform set_config('salesplan.account_id', coalesce(found_person.account_id, ''), true),
            set_config('salesplan.manager_id', coalesce(found_person.manager_id, ''), true),
            set_config('salesplan.entry', coalesce(case when found_person.role is not null then
                salesplan.entry_seal(found_person.role, found_person.account_id, found_person.manager_id) end, ''), true);
    return query
    select found_person.role, found_person.manager_id, n.name
    from (select) as one
    left join salesplan.display_name n
        on n.account_id = found_person.account_id and n.kind = 'manager' and n.id = found_person.manager_id
    where found_person.role is not null;
end $$;

-- The accounts in which this login can let the user in.
create function salesplan_api.accounts_of(who text) returns table (account_id text)
language sql stable security definer
begin atomic
    select p.account_id
    from salesplan.person p
    where p.user_id = who and p.role = salesplan.login_role()
    order by p.account_id;
end;

-- As before, and by `enter`. Settings without a seal are believed of the console's login only until the first manager is
-- a person: pages of one's own, which name the manager themselves, go on until then.
create or replace view salesplan.viewer as
select account_id, manager_id
from salesplan.manager_login
where login = session_user
union all
select account_id, manager_id
from salesplan.entered()
where role = 'manager'
union all
select current_setting('salesplan.account_id', true), current_setting('salesplan.manager_id', true)
where pg_has_role(session_user, 'salesplan_console', 'usage')
  and not exists (select from salesplan.manager_login where login = session_user)
  and not exists (select from salesplan.person where role = 'manager');

-- Heads of sales: of the tables that edits of plans write, the rows of their account. Restrictive, and for this role
-- alone: to all others the tables are as they were. Plans and counters are locked in the order of batches.
alter table salesplan.account enable row level security;
create policy every_account on salesplan.account using (true);
create policy heads_account on salesplan.account as restrictive to salesplan_head
    using (account_id = (select salesplan.entered_account()));

alter table salesplan.plan_counter enable row level security;
create policy every_counter on salesplan.plan_counter using (true);
create policy heads_counters on salesplan.plan_counter as restrictive to salesplan_head
    using (plan_no in (select p.plan_no from salesplan.plan p));

create policy heads_plans on salesplan.plan as restrictive to salesplan_head
    using (account_id = (select salesplan.entered_account()));

alter table salesplan.plan_version enable row level security;
create policy every_version on salesplan.plan_version using (true);
create policy heads_versions on salesplan.plan_version as restrictive to salesplan_head
    using (plan_no in (select p.plan_no from salesplan.plan p));

alter table salesplan.plan_lgt enable row level security;
create policy every_lgt on salesplan.plan_lgt using (true);
create policy heads_lgts on salesplan.plan_lgt as restrictive to salesplan_head
    using (account_id = (select salesplan.entered_account()) and plan_no in (select p.plan_no from salesplan.plan p));

alter table salesplan.display_name enable row level security;
create policy every_name on salesplan.display_name using (true);
create policy heads_names on salesplan.display_name as restrictive to salesplan_head
    using (account_id = (select salesplan.entered_account()));

-- Two things of an edit that are nobody's account: they are done by the owner, so that nobody needs a right to the tables.
create function salesplan.raise_revision() returns table (revision bigint, changed_at timestamptz)
language sql volatile security definer
begin atomic
    update salesplan.plan_book b
    set revision = b.revision + 1
    returning b.revision, date_trunc('milliseconds', clock_timestamp());
end;

create function salesplan.sequences_behind() returns table (name text)
language sql stable security definer
begin atomic
    with given as (
        select 'salesplan.plan_plan_no_seq' as name,
               s.last_value + case when s.is_called then 1 else 0 end as next,
               (select max(plan_no) from salesplan.plan)::bigint as reached
        from salesplan.plan_plan_no_seq s
        union all
        select 'salesplan.arrival',
               s.last_value + case when s.is_called then 65536 else 0 end,
               greatest(
                   (select max(w.arrival)
                    from salesplan.plan p
                    cross join lateral (
                        select arrival
                        from salesplan.waiting_lead
                        where plan_no = p.plan_no
                        order by arrival desc
                        limit 1
                    ) w),
                   (select 65536 * sum(sequence) from salesplan.slot)::bigint
               )
        from salesplan.arrival s
    )
    select g.name from given g where g.next <= g.reached;
end;

-- What batches write, of the accounts that the role now in force sees: of all of them who may read the tables, of his
-- own the head of sales. No policy is on these tables, and no right to them is a head's. Two halves, and immutable, as
-- in 0004. The owner sees all rows also where a dump was restored into a cluster without the roles.
create function salesplan.sees_all_accounts() returns boolean
language sql immutable parallel safe
return pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'salesplan'), 'usage')
    or coalesce(pg_has_role(current_user, to_regrole('salesplan_worker')::oid, 'usage'), false)
    or coalesce(pg_has_role(current_user, to_regrole('salesplan_reader')::oid, 'usage'), false);

-- A barrier of its own for each half: Postgres flattens a view of `union all` in spite of its barrier, and a function of
-- the query would be asked about every account's rows.
create view salesplan.heads_assignment with (security_barrier) as
select a.*
from salesplan.plan p
join salesplan.assignment a on a.plan_no = p.plan_no
where p.account_id = (select salesplan.entered_account());

create view salesplan.heads_waiting_lead with (security_barrier) as
select w.*
from salesplan.plan p
join salesplan.waiting_lead w on w.plan_no = p.plan_no
where p.account_id = (select salesplan.entered_account());

create view salesplan.heads_contact with (security_barrier) as
select * from salesplan.contact where account_id = (select salesplan.entered_account());

create view salesplan.heads_unmatched with (security_barrier) as
select * from salesplan.unmatched where account_id = (select salesplan.entered_account());

create view salesplan.account_assignment with (security_barrier) as
select * from salesplan.assignment where salesplan.sees_all_accounts()
union all
select * from salesplan.heads_assignment where not salesplan.sees_all_accounts();

create view salesplan.account_waiting_lead with (security_barrier) as
select * from salesplan.waiting_lead where salesplan.sees_all_accounts()
union all
select * from salesplan.heads_waiting_lead where not salesplan.sees_all_accounts();

create view salesplan.account_contact with (security_barrier) as
select * from salesplan.contact where salesplan.sees_all_accounts()
union all
select * from salesplan.heads_contact where not salesplan.sees_all_accounts();

create view salesplan.account_unmatched with (security_barrier) as
select * from salesplan.unmatched where salesplan.sees_all_accounts()
union all
select * from salesplan.heads_unmatched where not salesplan.sees_all_accounts();

revoke all on function salesplan.login_role, salesplan.entry_seal, salesplan.entered, salesplan.entered_account,
    salesplan_api.enter, salesplan_api.accounts_of, salesplan.raise_revision, salesplan.sequences_behind from public;

grant execute on function salesplan_api.enter, salesplan_api.accounts_of to salesplan_console, salesplan_head;

-- What an edit of plans writes, as for workers in 0004 but for what is no account's.
grant usage on schema salesplan, salesplan_api to salesplan_head;
grant execute on function salesplan.entered_account to salesplan_head;
grant select on salesplan.account, salesplan.plan, salesplan.plan_version, salesplan.plan_lgt, salesplan.plan_counter,
    salesplan.display_name, salesplan.account_assignment, salesplan.account_waiting_lead, salesplan.account_contact,
    salesplan.account_unmatched to salesplan_head;
grant insert on salesplan.account, salesplan.plan_version, salesplan.plan_lgt to salesplan_head;
grant insert (account_id, plan_id, version, archived, roster, book_revision) on salesplan.plan to salesplan_head;
grant insert (plan_no, assigned, last_seqs) on salesplan.plan_counter to salesplan_head;
grant delete on salesplan.plan_lgt to salesplan_head;
grant update (account_id) on salesplan.account to salesplan_head; -- never done: a lock asks for the right to
grant update (version, archived, roster, book_revision) on salesplan.plan to salesplan_head;
grant update (assigned, last_seqs) on salesplan.plan_counter to salesplan_head;
grant execute on function salesplan.raise_revision, salesplan.sequences_behind to salesplan_worker, salesplan_head;

-- Names are for everybody who changes plans; people are the owner's.
grant select, insert, delete on salesplan.display_name to salesplan_worker;
grant update (name) on salesplan.display_name to salesplan_worker;
grant select on salesplan.account_assignment, salesplan.account_waiting_lead, salesplan.account_contact,
    salesplan.account_unmatched to salesplan_worker;
grant select on salesplan.person, salesplan.display_name, salesplan.account_assignment, salesplan.account_waiting_lead,
    salesplan.account_contact, salesplan.account_unmatched to salesplan_reader;
