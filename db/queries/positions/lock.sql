-- Why: A reset locks all positions of the group, and no batch of it commits meanwhile. All programs lock positions in
--   the same order, that of code points, whatever the database sorts by.
-- Runs it: `salesplan offsets reset`, first in its transaction.
-- $1 group_id (text): the consumer group.
-- Returns rows as positions/read does.
select topic, partition, next_offset, reading, cluster_id, topic_id,
       case when epoch_offset = next_offset then leader_epoch end as leader_epoch
from salesplan.position
where group_id = $1
order by topic collate "C", partition
for update
