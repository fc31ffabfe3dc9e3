-- Why: An operator asks why a lead waits.
-- Runs it: `salesplan explain`.
-- $1 account_id (text): the account.
-- $2 lead_id (text): the lead.
-- Returns a row for each plan of the account in which the lead waits, by plan_id: the plan, its version and whether it
--   is archived, since when, what brought the lead in, and place, its position in the queue (1 is next).
select p.plan_no, p.plan_id, p.version, p.archived, w.since, w.trigger_kind, w.trigger_ref, w.trigger_event_id,
       w.source_topic, w.source_partition, w.source_offset,
       (select count(*) from salesplan.account_waiting_lead b where b.plan_no = w.plan_no and b.arrival <= w.arrival) as place
from salesplan.account_waiting_lead w
join salesplan.plan p on p.plan_no = w.plan_no
where w.lead_id = $2 and p.account_id = $1
order by p.plan_id
