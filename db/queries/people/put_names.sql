-- Why: All names of a file come into force at once. The rows are sorted, so that two writers can't deadlock.
-- Runs it: `salesplan names apply`.
-- $1 account_id (text): the account.
-- $2 kind (text[]): for each name, `manager`, `lgt` or `offer`.
-- $3 id (text[]): for each name, the id that it belongs to.
-- $4 name (text[]): the names.
-- Returns nothing.
insert into salesplan.display_name (account_id, kind, id, name)
select $1, n.kind, n.id, n.name
from unnest($2::text[], $3::text[], $4::text[]) as n (kind, id, name)
order by n.kind collate "C", n.id collate "C"
on conflict (account_id, kind, id) do update set name = excluded.name
