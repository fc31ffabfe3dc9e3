-- Why: A head of sales sees how many events of each kind match no plan, however many LGTs and offers they name.
-- Runs it: the console's pages `/plans` and `/unmatched`, after console/enter.
-- $1 after (timestamptz): the time after which the LGT or offer was seen last; older ones are left out.
-- Returns at most four rows, one per kind: trigger_kind, refs, times, last_seen_at.
select trigger_kind, count(*) as refs, sum(times)::bigint as times, max(last_seen_at) as last_seen_at
from (
    select trigger_kind, ref, sum(times) as times, max(last_seen_at) as last_seen_at
    from salesplan.account_unmatched
    group by trigger_kind, ref
) each_ref
where last_seen_at > $1
group by trigger_kind
