-- Why: The console no longer lets in a user who was removed. This counts from the user's next page on.
-- Runs it: `salesplan people remove`, as the owner.
-- $1 account_id (text): the account.
-- $2 user_id (text): the user.
-- Returns nothing.
delete from salesplan.person where account_id = $1 and user_id = $2
