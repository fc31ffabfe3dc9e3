-- Why: A head of sales sees which LGTs and offers occur in the account's events, but in none of its plans.
-- Runs it: the console's page `/unmatched` for one kind of event, the plan form for all of them, after console/enter. It
--   reads all of the account's unmatched rows, and keeps only the latest of each kind while it sorts.
-- $1 trigger_kind (text[]): the kinds of event.
-- $2 at_most (bigint): how many rows of a kind to return at most.
-- Returns one row per kind and LGT or offer, the latest of a kind first: trigger_kind, ref, times, last_seen_at.
select k.trigger_kind, u.ref, u.times, u.last_seen_at
from unnest($1::text[]) as k (trigger_kind)
cross join lateral (
    select ref, sum(times)::bigint as times, max(last_seen_at) as last_seen_at
    from salesplan.account_unmatched
    where trigger_kind = k.trigger_kind
    group by ref
    order by last_seen_at desc, ref
    limit $2
) u
