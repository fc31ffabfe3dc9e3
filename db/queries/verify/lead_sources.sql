-- Why: (I1) A lead in a plan agrees with the record that it came from: same account, lead, trigger, LGT or offer, and
--   event. Of an erased lead, the ledger no longer holds the ids of the lead and of the event.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s/%s lead %s, of %s[%s]@%s: %s', p.account_id, p.plan_id, s.lead_id,
              s.source_topic, s.source_partition, s.source_offset,
              case when i."offset" is null then 'there is no such record'
                   when i.poison then 'the record is poison'
                   else 'the record has another ' || concat_ws(', ',
                       case when i.account_id is distinct from p.account_id then 'account' end,
                       case when not s.is_erased and i.lead_id <> s.lead_id then 'lead' end,
                       case when i.kind <> s.trigger_kind then 'trigger' end,
                       case when i.ref <> s.trigger_ref then 'LGT or offer' end,
                       case when not s.is_erased and i.event_id is distinct from s.trigger_event_id then 'event' end) end),
       count(*) over ()
from (
    select plan_no, lead_id, trigger_kind, trigger_ref, trigger_event_id, source_topic, source_partition, source_offset,
           exists (select from salesplan.erasure e where e.erased_id = a.lead_id) as is_erased
    from salesplan.assignment a
    union all
    select plan_no, lead_id, trigger_kind, trigger_ref, trigger_event_id, source_topic, source_partition, source_offset,
           false
    from salesplan.waiting_lead
) s
join one_log g
  on g.topic = s.source_topic and g.partition = s.source_partition
 and s.source_offset >= g.first and s.source_offset < g."end"
left join salesplan.plan p using (plan_no)
left join input_record i
  on i.topic = s.source_topic and i.partition = s.source_partition and i."offset" = s.source_offset
where (i.account_id, i.kind, i.ref) is distinct from (p.account_id, s.trigger_kind, s.trigger_ref)
   or (not s.is_erased and (i.lead_id, i.event_id) is distinct from (s.lead_id, s.trigger_event_id))
order by s.source_topic, s.source_partition, s.source_offset, p.plan_id
limit $1
