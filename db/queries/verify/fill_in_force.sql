-- Why: For each plan and partition, the checks need the first record that was certainly matched against the plan. It is
--   the first one that brought a lead into the plan. Later records were matched against the same plans or newer ones.
-- Runs it: `salesplan verify`, once it has read the topics, before the checks.
-- Returns nothing.
insert into in_force (plan_no, topic, partition, "offset")
select s.plan_no, s.source_topic, s.source_partition, min(s.source_offset)
from (
    select plan_no, source_topic, source_partition, source_offset from salesplan.assignment
    union all
    select plan_no, source_topic, source_partition, source_offset from salesplan.waiting_lead
) s
join reading r
  on r.is_current and r.topic = s.source_topic and r.partition = s.source_partition
 and s.source_offset >= r.first_offset and s.source_offset < r.next_offset
group by s.plan_no, s.source_topic, s.source_partition
