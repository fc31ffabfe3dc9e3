-- Why: The assignments of an erased lead stay, with their numbers and managers, under another name. The id that
--   upstream gave the event goes too, because it would lead back to the lead.
-- Runs it: `salesplan leads erase`, after leads/erase_contacts.
-- $1 account_id (text): the account.
-- $2 lead_id (text): the lead.
-- $3 erased_id (text): the random name that replaces it.
-- Returns nothing.
update salesplan.assignment a
set lead_id = $3, trigger_event_id = '00000000-0000-0000-0000-000000000000'
from salesplan.plan p
where p.plan_no = a.plan_no and p.account_id = $1 and a.lead_id = $2
