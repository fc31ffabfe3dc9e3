-- I1: as many dead letters, on the topic or still to be published, as records were dead-lettered. Fewer only where the
-- dead-letter topic no longer begins at its first record. Letters written after the snapshot are left out.
with counted as (
    select p.group_id, p.topic, p.partition, p.dead_lettered,
           (select count(distinct d.origin_offset)
            from dead_letter d
            where d.source <> 'uncommitted' and d.fault is null and d.group_id = p.group_id
              and d.origin_topic = p.topic and d.origin_partition = p.partition
              and d.origin_offset < p.next_offset) as letters,
           exists (select from bounds b where b.topic = 'dlq.' || p.topic and b.first > 0) as truncated
    from salesplan.position p
)
select format('%s[%s] of %s: %s records dead-lettered, %s dead letters',
              topic, partition, group_id, dead_lettered, letters),
       count(*) over ()
from counted
where letters > dead_lettered or (letters < dead_lettered and not truncated)
order by topic, partition
limit $1
