-- Where the lead waits in one account, by the index on leads.
select p.plan_id, w.since, w.trigger_kind, w.trigger_ref, w.trigger_event_id, w.source_topic, w.source_partition,
       w.source_offset, w.traceparent
from salesplan.waiting_lead w
join salesplan.plan p using (plan_no)
where w.lead_id = $2 and p.account_id = $1
order by p.plan_id
