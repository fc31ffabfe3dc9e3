-- Where to read on, and in which logs, for all partitions of the group.
select topic, partition, next_offset, reading, cluster_id, topic_id from salesplan.position where group_id = $1
