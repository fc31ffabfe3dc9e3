-- Why: A head of sales sees the LGTs and offers of the account's events that no plan lists.
-- Runs it: the console's pages `/plans` and `/unmatched`, after console/enter.
-- Returns a row for each trigger and LGT or offer, latest first: trigger_kind, ref, times, last_seen_at.
select trigger_kind, ref, sum(times)::bigint as times, max(last_seen_at) as last_seen_at
from salesplan.account_unmatched
group by trigger_kind, ref
order by last_seen_at desc, trigger_kind, ref
