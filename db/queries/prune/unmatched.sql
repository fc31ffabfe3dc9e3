-- One step along the counters of what fell through: of the next $6 keys behind $2 to $5, those last seen before $1 go,
-- unless a batch holds them just now. By the key, since an index on the time would cost every batch its HOT updates.
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
