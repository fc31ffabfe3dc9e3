-- I3: no dead letter of a record that is not dealt with. Asked after the topics were read, as with assignments.
select format('%s[%s]@%s: of %s[%s]@%s', d.topic, d.partition, d."offset",
              d.origin_topic, d.origin_partition, d.origin_offset),
       count(*) over ()
from dead_letter d
left join salesplan.position p
       on p.group_id = d.group_id and p.topic = d.origin_topic and p.partition = d.origin_partition
where d.fault is null and d.group_id = $2 and (p.next_offset is null or d.origin_offset >= p.next_offset)
order by d.topic, d.partition, d."offset"
limit $1
