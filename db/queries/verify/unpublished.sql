-- Why: (I3) Every assignment is on the topic or still to be published. If Kafka has deleted the first messages of a
--   partition, the check begins a day after its oldest message, because clocks may differ.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- $2 topic (text): the topic of assignments.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
with retained as (
    select max(oldest) + interval '1 day' as since
    from (
        select coalesce(min(m.published_at), 'infinity') as oldest
        from bounds b
        left join announced m on m.source = 'committed' and m.topic = b.topic and m.partition = b.partition
        where b.topic = $2 and b.first > 0
        group by b.partition
    ) p
)
select format('%s/%s number %s, lead %s, event %s', p.account_id, p.plan_id, a.plan_seq, a.lead_id, a.event_id),
       count(*) over ()
from salesplan.assignment a
left join salesplan.plan p using (plan_no)
where a.assigned_at >= coalesce((select since from retained), '-infinity')
  and not exists (
      select from announced m where m.event_id = a.event_id and m.source in ('committed', 'pending')
  )
order by p.account_id, p.plan_id, a.plan_seq
limit $1
