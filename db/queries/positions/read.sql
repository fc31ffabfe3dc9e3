-- Why: A worker reads on where its group stopped, in the log in which the position counts. A leader's epoch counts only
--   for the position that it was stored with, because an earlier release moves the position and leaves the epoch.
-- Runs it: a worker when a session begins, when it gets partitions, and when it looks how far the group is behind;
--   `salesplan offsets`.
-- $1 group_id (text): the consumer group.
-- Returns a row for each partition that was ever read: topic, partition; next_offset, where to read on; reading, one
--   higher after each reset; cluster_id and topic_id, which log it is, null where unknown; leader_epoch, of a leader
--   whose log held all before next_offset, null where unknown.
select topic, partition, next_offset, reading, cluster_id, topic_id,
       case when epoch_offset = next_offset then leader_epoch end as leader_epoch
from salesplan.position
where group_id = $1
