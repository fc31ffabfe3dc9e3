-- Why: An erased lead has another name in the ledger. So the messages about it get this name too, before the checks
--   compare them.
-- Runs it: `salesplan verify`, in the snapshot that it takes after it has read the topics, before the checks.
-- Returns nothing.
update announced m
set lead_id = a.lead_id, trigger_event_id = a.trigger_event_id
from salesplan.erasure e
join salesplan.assignment a on a.lead_id = e.erased_id
join salesplan.plan p on p.plan_no = a.plan_no and p.account_id = e.account_id
where m.event_id = a.event_id and m.fault is null
