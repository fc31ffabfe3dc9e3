-- Why: An edit compares the names of a file with the stored names.
-- Runs it: `salesplan names apply`.
-- $1 account_id (text): the account.
-- Returns kind, id and name of each name of the account.
select kind, id, name from salesplan.display_name where account_id = $1
