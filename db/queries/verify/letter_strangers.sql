-- I3: no dead letter of a record that is not dealt with. Asked after the topics were read, as with assignments.
select format('%s[%s]@%s: of %s[%s]@%s', d.topic, d.partition, d."offset",
              d.origin_topic, d.origin_partition, d.origin_offset),
       count(*) over ()
from dead_letter d
where d.fault is null and d.group_id = $2
  and not exists (
      select from reading r
      where r.group_id = d.group_id and r.topic = d.origin_topic and r.partition = d.origin_partition
        and d.origin_offset < r.next_offset
  )
order by d.topic, d.partition, d."offset"
limit $1
