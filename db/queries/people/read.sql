-- Why: An operator sees which users the console lets in. An edit compares its users with the stored ones.
-- Runs it: every `salesplan people` command.
-- $1 account_id (text): the account; null for all accounts.
-- Returns one row per person, by account_id and user_id: account_id, user_id, role, manager_id.
select account_id, user_id, role, manager_id
from salesplan.person
where $1::text is null or account_id = $1
order by account_id, user_id
