-- Why: An operator sees which managers of the account have contacted the lead.
-- Runs it: `salesplan explain` and `salesplan leads export`.
-- $1 account_id (text): the account.
-- $2 lead_id (text): the lead.
-- Returns manager_id and occurred_at of each manager's latest contact, latest first.
select manager_id, occurred_at
from salesplan.account_contact
where account_id = $1 and lead_id = $2
order by occurred_at desc, arrival desc
