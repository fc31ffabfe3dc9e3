-- Why: Edits of one account wait for each other at its row. The first edit adds the row.
-- Runs it: plan edits (`salesplan plans apply`, `pause`, `resume`, `archive`), before plans/lock_account.
-- $1 account_id (text): the account.
-- Returns nothing.
insert into salesplan.account (account_id) values ($1) on conflict do nothing
