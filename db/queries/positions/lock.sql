-- All of the group, in the order of everybody, which is that of code points whatever the database sorts by: while they
-- are locked no batch of it commits.
select topic, partition, next_offset, reading, cluster_id, topic_id,
       case when epoch_offset = next_offset then leader_epoch end as leader_epoch
from salesplan.position
where group_id = $1
order by topic collate "C", partition
for update
