-- A partition that was never read starts at its earliest record.
insert into salesplan.position (group_id, topic, partition, first_offset, next_offset)
select $1, n.topic, n.partition, n.earliest, n.earliest
from unnest($2::text[], $3::integer[], $4::bigint[]) as n (topic, partition, earliest)
order by n.topic, n.partition
on conflict do nothing
