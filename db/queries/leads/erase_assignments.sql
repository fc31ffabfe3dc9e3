-- The lead's assignments stay, with their numbers and managers, under the name $3. What upstream called the event goes
-- too: it would lead back to the lead.
update salesplan.assignment a
set lead_id = $3, trigger_event_id = '00000000-0000-0000-0000-000000000000'
from salesplan.plan p
where p.plan_no = a.plan_no and p.account_id = $1 and a.lead_id = $2
