-- Why: Edits and erasures of one account go one at a time. This lock is the first in the lock order.
-- Runs it: plan edits, and `salesplan leads erase`, first in their transactions.
-- $1 account_id (text): the account.
-- Returns an empty row, or none for an account that never had a plan.
select from salesplan.account where account_id = $1 for update
