-- Why: A file of names is compared with the names that are there.
-- Runs it: `salesplan names apply`.
-- $1 account_id (text): the account.
-- Returns kind, id and name of each name of the account.
select kind, id, name from salesplan.display_name where account_id = $1
