-- Why: Counters of unmatched events are pruned in short steps along their key. A step deletes the old ones among the
--   next keys, unless a batch has just locked them, and notes what it deleted. The time has no index: an index would
--   make every update of a batch more expensive (Postgres could not use HOT).
-- Runs it: `salesplan prune --execute`, until no row comes back.
-- $1 before (timestamptz): the step deletes counters that last counted before this time.
-- $2 slot_number (integer): part of the last key of the step before; this step begins behind it.
-- $3 account_id (text): part of that key.
-- $4 trigger_kind (text): part of that key.
-- $5 ref (text): part of that key.
-- $6 keys (bigint): how many keys the step looks at.
-- Returns the last key that the step looked at, and gone, how many counters it deleted. No row at the end of the table.
with step as materialized (
    select slot_number, account_id, trigger_kind, ref
    from salesplan.unmatched
    where (slot_number, account_id, trigger_kind, ref) > ($2::integer, $3::text, $4::text, $5::text)
    order by slot_number, account_id, trigger_kind, ref
    limit $6
), old as (
    select u.slot_number, u.account_id, u.trigger_kind, u.ref
    from step
    join salesplan.unmatched u using (slot_number, account_id, trigger_kind, ref)
    where u.last_seen_at < $1
    for update of u skip locked
), gone as (
    delete from salesplan.unmatched u
    using old o
    where (u.slot_number, u.account_id, u.trigger_kind, u.ref) = (o.slot_number, o.account_id, o.trigger_kind, o.ref)
    returning u.times
), kept as (
    update salesplan.pruned p
    set before = greatest(p.before, $1), entries = p.entries + g.entries, times = p.times + g.times
    from (select count(*) as entries, sum(times)::bigint as times from gone) g
    where p.what = 'unmatched' and g.entries > 0
)
select slot_number, account_id, trigger_kind, ref, (select count(*) from gone) as gone
from step
order by slot_number desc, account_id desc, trigger_kind desc, ref desc
limit 1
