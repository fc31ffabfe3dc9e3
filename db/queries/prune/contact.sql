-- Why: Contacts are pruned in short steps along their key. A step deletes the old ones among the next keys, unless a
--   batch holds them just now, and notes what it deleted.
-- Runs it: `salesplan prune --execute`, until no row comes back.
-- $1 before (timestamptz): the step deletes contacts before this time.
-- $2 account_id (text): part of the last key of the step before; this step begins behind it.
-- $3 lead_id (text): part of that key.
-- $4 manager_id (text): part of that key.
-- $5 keys (bigint): how many keys the step looks at.
-- Returns the last key that the step looked at, and gone, how many contacts it deleted. No row at the end of the table.
with step as materialized (
    select account_id, lead_id, manager_id
    from salesplan.contact
    where (account_id, lead_id, manager_id) > ($2::text, $3::text, $4::text)
    order by account_id, lead_id, manager_id
    limit $5
), old as (
    select c.account_id, c.lead_id, c.manager_id
    from step
    join salesplan.contact c using (account_id, lead_id, manager_id)
    where c.occurred_at < $1
    for update of c skip locked
), gone as (
    delete from salesplan.contact c
    using old o
    where (c.account_id, c.lead_id, c.manager_id) = (o.account_id, o.lead_id, o.manager_id)
    returning 1
), kept as (
    update salesplan.pruned p
    set before = greatest(p.before, $1), entries = p.entries + g.entries
    from (select count(*) as entries from gone) g
    where p.what = 'contact' and g.entries > 0
)
select account_id, lead_id, manager_id, (select count(*) from gone) as gone
from step
order by account_id desc, lead_id desc, manager_id desc
limit 1
