-- Why: A made-up manager writes to a client whom he has. So the pages show contacts that make sense.
-- Runs it: `make console`, for each made-up contact.
-- $1 account_id (text): the account.
-- $2 lead_id (text): the lead.
-- Returns one row: manager_id, to whom the lead was assigned last. No row if the lead is assigned to nobody.
select manager_id
from salesplan_api.assignments
where account_id = $1 and lead_id = $2
order by assigned_at desc
limit 1
