-- Why: Operators look up which LGTs and offers arrive and are in no plan. Each slot counts in rows of its own, so that
--   workers do not queue for a popular row.
-- Runs it: the worker's ledger, in batches with leads that match no plan.
-- $1 slot_number (integer): the number of the worker's slot.
-- $2 account_id (text[]): the account of each counter; the keys come sorted.
-- $3 trigger_kind (text[]): subscription, order, failed-payment or paid.
-- $4 ref (text[]): the LGT or offer.
-- $5 times (bigint[]): how many leads of the batch it brought.
-- $6 decided_at (timestamptz): when the batch was decided.
-- Returns nothing.
insert into salesplan.unmatched as u (slot_number, account_id, trigger_kind, ref, times, last_seen_at)
select $1, k.account_id, k.trigger_kind, k.ref, k.times, $6
from unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) as k (account_id, trigger_kind, ref, times)
on conflict (slot_number, account_id, trigger_kind, ref) do update
set times = u.times + excluded.times, last_seen_at = excluded.last_seen_at
