-- The leads that have waited longest in a plan; the plan's counter row is locked.
select arrival, lead_id, trigger_kind, trigger_ref, trigger_event_id,
       source_topic, source_partition, source_offset, traceparent
from salesplan.waiting_lead
where plan_no = $1
order by arrival
limit $2
