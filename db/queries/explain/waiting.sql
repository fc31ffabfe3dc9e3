-- The plans of one account in which the lead waits, and how many stand before it.
select p.plan_no, p.plan_id, p.version, p.archived, w.since, w.trigger_kind, w.trigger_ref, w.trigger_event_id,
       w.source_topic, w.source_partition, w.source_offset,
       (select count(*) from salesplan.waiting_lead b where b.plan_no = w.plan_no and b.arrival <= w.arrival) as place
from salesplan.waiting_lead w
join salesplan.plan p on p.plan_no = w.plan_no
where w.lead_id = $2 and p.account_id = $1
order by p.plan_id
