-- Why: An erasure locks the counters of all plans of the account, so that no batch decides about one of its leads.
-- Runs it: `salesplan leads erase`, after plans/lock_account and before plans/lock_counters.
-- $1 account_id (text): the account.
-- Returns plan_no of each plan, ascending.
select plan_no from salesplan.plan where account_id = $1 order by plan_no
