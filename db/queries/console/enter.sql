-- Why: The database, not the console, decides whose rows a transaction sees. The ids of an account's people never come
--   from a URL.
-- Runs it: every page of the console, over the login for its kind of page, as the first statement of its transaction.
-- $1 user_id (text): the user who is signed in.
-- $2 account_id (text): the account that he asks for.
-- Returns one row: role (`head` or `manager`); for a manager also manager_id and manager_name, null if the name is not
--   known. No row if the user does not have this login's role in the account; then the transaction sees no rows at all.
select role, manager_id, manager_name from salesplan_api.enter($1, $2)
