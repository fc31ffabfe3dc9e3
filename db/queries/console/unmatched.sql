-- Why: A head of sales sees which LGTs and offers occur in the account's events, but in none of its plans.
-- Runs it: the console's pages `/plans` and `/unmatched`, after console/enter.
-- Returns one row per trigger and LGT or offer, latest first: trigger_kind, ref, times, last_seen_at.
select trigger_kind, ref, sum(times)::bigint as times, max(last_seen_at) as last_seen_at
from salesplan.account_unmatched
group by trigger_kind, ref
order by last_seen_at desc, trigger_kind, ref
