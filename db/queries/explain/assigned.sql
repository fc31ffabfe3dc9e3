-- The plans of one account that have the lead, by the index on leads.
select a.plan_no, p.plan_id, a.plan_seq, a.manager_id, a.revision, a.reason, a.plan_version, a.trigger_kind,
       a.trigger_ref, a.trigger_event_id, a.source_topic, a.source_partition, a.source_offset, a.event_id,
       a.assigned_at, a.links
from salesplan.assignment a
join salesplan.plan p on p.plan_no = a.plan_no
where a.lead_id = $2 and p.account_id = $1
order by p.plan_id
