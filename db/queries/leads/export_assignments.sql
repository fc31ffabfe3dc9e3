-- Why: A person asks which data is stored about them. The statement finds a lead's assignments by the index on leads,
--   with the plan's name and label of the version that decided.
-- Runs it: `salesplan leads export`.
-- $1 account_id (text): the account.
-- $2 lead_id (text): the lead.
-- Returns one row per assignment, in the order in which they were decided: the plan, the decision, and the event and
--   record that brought the lead in.
select p.plan_id, v.name as plan_name, a.plan_version, v.label_text, a.plan_seq, a.manager_id, a.previous_manager_id,
       a.revision, a.reason, a.links, a.event_id, a.assigned_at, a.trigger_kind, a.trigger_ref, a.trigger_event_id,
       a.source_topic, a.source_partition, a.source_offset
from salesplan.assignment a
join salesplan.plan p using (plan_no)
left join salesplan.plan_version v on v.plan_no = a.plan_no and v.version = a.plan_version
where a.lead_id = $2 and p.account_id = $1
order by a.batch nulls first, a.assigned_at, p.plan_id
