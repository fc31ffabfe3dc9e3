-- Why: A user who has left is let in no more, from his next page on.
-- Runs it: `salesplan people remove`, as the owner.
-- $1 account_id (text): the account.
-- $2 user_id (text): the user.
-- Returns nothing.
delete from salesplan.person where account_id = $1 and user_id = $2
