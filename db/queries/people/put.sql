-- Why: A user of an account is its head of sales or one of its managers, never both.
-- Runs it: `salesplan people add`, as the owner.
-- $1 account_id (text): the account.
-- $2 user_id (text): the user, as the console's proxy names him.
-- $3 role (text): `head` or `manager`.
-- $4 manager_id (text): which manager he is; null for a head of sales.
-- Returns nothing.
insert into salesplan.person (account_id, user_id, role, manager_id)
values ($1, $2, $3, $4)
on conflict (user_id, account_id) do update set role = excluded.role, manager_id = excluded.manager_id
