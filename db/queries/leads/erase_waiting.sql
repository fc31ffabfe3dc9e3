-- Why: An erased lead waits no longer, and its plans count one less. The erasure has locked their counter rows.
-- Runs it: `salesplan leads erase`, after leads/find.
-- $1 account_id (text): the account.
-- $2 lead_id (text): the lead.
-- Returns nothing.
with gone as (
    delete from salesplan.waiting_lead w
    using salesplan.plan p
    where p.plan_no = w.plan_no and p.account_id = $1 and w.lead_id = $2
    returning w.plan_no
)
update salesplan.plan_counter c
set waiting = c.waiting - 1
from gone g
where c.plan_no = g.plan_no
