-- All of the group, in the order of everybody: while they are locked no batch of it commits.
select topic, partition, next_offset, reading, cluster_id, topic_id
from salesplan.position
where group_id = $1
order by topic, partition
for update
