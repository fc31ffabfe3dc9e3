-- Why: An edit adds its new plans, without managers and LGTs. Then plans/move fills them like changed ones.
-- Runs it: plan edits, after plans/lock_counters.
-- $1 account_id (text): the account.
-- $2 plan_id (text[]): the new plans; it may be empty.
-- Returns plan_no and plan_id of the new plans.
insert into salesplan.plan (account_id, plan_id, version, archived, roster, book_revision)
select $1, n.plan_id, 0, false, '{}', 0
from unnest($2::text[]) as n (plan_id)
returning plan_no, plan_id
