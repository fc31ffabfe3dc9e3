-- Where to read on, and in which logs, for all partitions of the group.
select topic, partition, next_offset, reading, cluster_id, topic_id,
       case when epoch_offset = next_offset then leader_epoch end as leader_epoch
from salesplan.position
where group_id = $1
