-- The plans whose counters an erasure locks: all of the account, so that no batch decides about one of its leads.
select plan_no from salesplan.plan where account_id = $1 order by plan_no
