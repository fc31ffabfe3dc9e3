-- First in the lock order: one edit of an account at a time.
select from salesplan.account where account_id = $1 for update
