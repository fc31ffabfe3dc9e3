-- Why: An LGT is in one plan of its account. One that another plan has stays there and is missing in the answer. The
--   rows are sorted, so that two writers can't deadlock.
-- Runs it: plan edits, after plans/free_lgts.
-- $1 account_id (text): the account.
-- $2 lgt_id (text[]): the LGTs to give.
-- $3 plan_no (integer[]): for each LGT, the plan that gets it.
-- Returns lgt_id of those that were given.
insert into salesplan.plan_lgt (account_id, lgt_id, plan_no)
select $1, n.lgt_id, n.plan_no
from unnest($2::text[], $3::integer[]) as n (lgt_id, plan_no)
order by n.lgt_id
on conflict do nothing
returning lgt_id
