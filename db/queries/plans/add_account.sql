-- Why: Edits of one account queue up on its row; the first edit makes it.
-- Runs it: plan edits (`salesplan plans apply`, `pause`, `resume`, `archive`), before plans/lock_account.
-- $1 account_id (text): the account.
-- Returns nothing.
insert into salesplan.account (account_id) values ($1) on conflict do nothing
