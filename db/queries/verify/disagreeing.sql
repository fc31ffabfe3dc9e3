-- Why: (I3) Every field of a message agrees with the ledger. The name and label of the plan are those of the version
--   that decided.
-- Runs it: `salesplan verify`, in the snapshot that it takes after it has read the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s[%s]@%s: event %s differs in %s', m.topic, m.partition, m."offset", m.event_id,
              concat_ws(', ',
                  case when m.lead_id is distinct from a.lead_id then 'lead_id' end,
                  case when m.manager_id is distinct from a.manager_id then 'manager_id' end,
                  case when m.previous_manager_id is distinct from a.previous_manager_id
                       then 'previous_manager_id' end,
                  case when m.revision is distinct from a.revision then 'revision' end,
                  case when m.plan_version is distinct from a.plan_version then 'plan.version' end,
                  case when m.plan_name is distinct from v.name then 'plan.name' end,
                  case when (m.label_text, m.label_color) is distinct from (v.label_text, v.label_color)
                       then 'label' end,
                  case when m.trigger_kind is distinct from a.trigger_kind then 'trigger.kind' end,
                  case when m.trigger_event_id is distinct from a.trigger_event_id then 'trigger.event_id' end,
                  case when m.lgt_id is distinct from
                            case when a.trigger_kind = 'subscription' then a.trigger_ref end
                       then 'trigger.lgt_id' end,
                  case when m.offer_id is distinct from
                            case when a.trigger_kind <> 'subscription' then a.trigger_ref end
                       then 'trigger.offer_id' end,
                  case when m.reason is distinct from a.reason then 'reason' end,
                  case when m.occurred_at is distinct from date_trunc('milliseconds', a.assigned_at)
                       then 'occurred_at' end)),
       count(*) over ()
from announced m
join salesplan.plan p on p.account_id = m.account_id and p.plan_id = m.plan_id
join salesplan.assignment a on a.plan_no = p.plan_no and a.plan_seq = m.plan_seq and a.event_id = m.event_id
left join salesplan.plan_version v on v.plan_no = a.plan_no and v.version = a.plan_version
where m.source <> 'uncommitted'
  and (m.lead_id, m.manager_id, m.previous_manager_id, m.revision, m.plan_version, m.plan_name, m.label_text,
       m.label_color, m.trigger_kind, m.trigger_event_id, m.reason, m.occurred_at,
       coalesce(m.lgt_id, m.offer_id), m.lgt_id is not null, m.offer_id is not null)
      is distinct from
      (a.lead_id, a.manager_id, a.previous_manager_id, a.revision::bigint, a.plan_version::bigint, v.name,
       v.label_text, v.label_color, a.trigger_kind, a.trigger_event_id, a.reason,
       date_trunc('milliseconds', a.assigned_at),
       a.trigger_ref, a.trigger_kind = 'subscription', a.trigger_kind <> 'subscription')
order by m.topic, m.partition, m."offset"
limit $1
