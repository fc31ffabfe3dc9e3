-- Where to read on, for all partitions of the group.
select topic, partition, next_offset from salesplan.position where group_id = $1
