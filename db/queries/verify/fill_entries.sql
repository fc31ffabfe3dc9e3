-- Why: The checks need the records that certainly brought their lead into a plan, unless the lead was there already. A
--   record does so under two conditions. Every version of the plan lists the record's LGT or offer. And the plan was
--   already in force when the record was written. This holds if the plan is more than a day older than the record's
--   time. The day is a margin: a broker accepts records whose time is up to an hour ahead. It also holds if this or an
--   earlier record of the partition has brought a lead into the plan (verify/fill_in_force).
-- Runs it: `salesplan verify`, once it has read the topics, before the checks.
-- Returns nothing.
insert into entry (topic, partition, "offset", lead_id, plan_no)
select t.topic, t.partition, t."offset", t.lead_id, e.plan_no
from taken t
join entry_rule e
  on e.always and e.account_id = t.account_id and e.kind = t.kind and e.ref = t.ref
join reading r
  on r.is_current and r.is_this_log and r.is_of_the_only_group and r.topic = t.topic and r.partition = t.partition
 and t."offset" >= r.first_offset and t."offset" < r.next_offset
left join in_force f
  on f.plan_no = e.plan_no and f.topic = t.topic and f.partition = t.partition
where t."offset" >= f."offset" or t.written_at > e.since + interval '1 day'
