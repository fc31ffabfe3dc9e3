-- Why: (I1) No record is both a dead letter and the source of an assignment or of a waiting lead. The check leaves
--   out partitions that were read several times: there a record may be both.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- $2 group_id (text): the consumer group whose dead letters count.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s[%s]@%s: a dead letter, and lead %s in plan %s',
              d.origin_topic, d.origin_partition, d.origin_offset, s.lead_id, p.plan_id),
       count(*) over ()
from (
    select distinct origin_topic, origin_partition, origin_offset
    from dead_letter
    where source <> 'uncommitted' and fault is null and group_id = $2
) d
join (
    select plan_no, lead_id, source_topic, source_partition, source_offset from salesplan.assignment
    union all
    select plan_no, lead_id, source_topic, source_partition, source_offset from salesplan.waiting_lead
) s on s.source_topic = d.origin_topic
   and s.source_partition = d.origin_partition
   and s.source_offset = d.origin_offset
left join salesplan.plan p using (plan_no)
where not exists (
    select from reading r
    where r.is_one_of_several and r.topic = d.origin_topic and r.partition = d.origin_partition
)
order by 1
limit $1
