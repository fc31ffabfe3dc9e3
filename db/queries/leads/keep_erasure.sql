-- Why: The database keeps the fact of an erasure: when, by whom and how many rows, but not which lead.
-- Runs it: `salesplan leads erase`, last in its transaction.
-- $1 erased_id (text): the random name that has replaced the lead.
-- $2 account_id (text): the account.
-- $3 erased_by (text): who erases.
-- $4 assignments (integer): how many assignments there were.
-- $5 waiting (integer): in how many plans the lead waited.
-- $6 contacts (integer): how many contacts there were.
-- Returns nothing.
insert into salesplan.erasure (erased_id, account_id, erased_at, erased_by, assignments, waiting, contacts)
values ($1, $2, clock_timestamp(), $3, $4, $5, $6)
