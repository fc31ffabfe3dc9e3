-- Why: An operator asks why a lead has its managers. The statement finds the assignments by the index on leads.
-- Runs it: `salesplan explain`.
-- $1 account_id (text): the account.
-- $2 lead_id (text): the lead.
-- Returns a row for each plan of the account that has the lead, by plan_id: the whole assignment with plan_id.
select a.plan_no, p.plan_id, a.plan_seq, a.manager_id, a.revision, a.reason, a.plan_version, a.trigger_kind,
       a.trigger_ref, a.trigger_event_id, a.source_topic, a.source_partition, a.source_offset, a.event_id,
       a.assigned_at, a.links
from salesplan.account_assignment a
join salesplan.plan p on p.plan_no = a.plan_no
where a.lead_id = $2 and p.account_id = $1
order by p.plan_id
