-- The lead's assignments in one account, by the index on leads; with the plan's name and label by the version of then.
select p.plan_id, v.name as plan_name, a.plan_version, v.label_text, a.plan_seq, a.manager_id, a.previous_manager_id,
       a.revision, a.reason, a.links, a.event_id, a.assigned_at, a.trigger_kind, a.trigger_ref, a.trigger_event_id,
       a.source_topic, a.source_partition, a.source_offset
from salesplan.assignment a
join salesplan.plan p using (plan_no)
left join salesplan.plan_version v on v.plan_no = a.plan_no and v.version = a.plan_version
where a.lead_id = $2 and p.account_id = $1
order by a.batch nulls first, a.assigned_at, p.plan_id
