-- Why: A user who signs in is led to his account, or chooses one of several.
-- Runs it: the console's pages `/` and `/accounts`, over either login. Nobody has to be let in.
-- $1 user_id (text): the user who is signed in.
-- Returns account_id of each account in which this login can let him in, in order.
select account_id from salesplan_api.accounts_of($1)
