-- Why: After the sign-in, the console leads a user to his only account, or lets him choose one of several.
-- Runs it: the console's pages `/` and `/accounts`, over either login. It needs no console/enter.
-- $1 user_id (text): the user who is signed in.
-- Returns account_id of each account in which the user has the role of this login, in order.
select account_id from salesplan_api.accounts_of($1)
