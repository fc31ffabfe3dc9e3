-- Why: A person asks which data is stored about them. The statement finds where a lead waits by the index on leads.
-- Runs it: `salesplan leads export`.
-- $1 account_id (text): the account.
-- $2 lead_id (text): the lead.
-- Returns a row for each plan in which the lead waits, by plan_id: since when, and the event and record that brought it
--   in.
select p.plan_id, w.since, w.trigger_kind, w.trigger_ref, w.trigger_event_id, w.source_topic, w.source_partition,
       w.source_offset, w.traceparent
from salesplan.waiting_lead w
join salesplan.plan p using (plan_no)
where w.lead_id = $2 and p.account_id = $1
order by p.plan_id
