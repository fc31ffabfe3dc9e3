-- Count what no plan wanted, in this slot's own rows.
insert into salesplan.unmatched as u (slot_number, account_id, trigger_kind, ref, times, last_seen_at)
select $1, k.account_id, k.trigger_kind, k.ref, k.times, $6
from unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) as k (account_id, trigger_kind, ref, times)
on conflict (slot_number, account_id, trigger_kind, ref) do update
set times = u.times + excluded.times, last_seen_at = excluded.last_seen_at
