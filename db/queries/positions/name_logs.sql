-- Why: A position has the ids of the log in which it counts. The release that began it may not have stored them, so a
--   worker adds them. The statement locks positions in the order that all programs keep.
-- Runs it: a worker when it gets partitions whose log is not named yet.
-- $1 group_id (text): the consumer group.
-- $2 cluster_id (text): the id of the Kafka cluster, null where unknown.
-- $3 topic (text[]): the topics of the inputs.
-- $4 topic_id (uuid[]): for each topic, its id, null where unknown.
-- Returns nothing.
with unnamed as (
    select p.group_id, p.topic, p.partition, l.topic_id
    from salesplan.position p
    join unnest($3::text[], $4::uuid[]) as l (topic, topic_id) using (topic)
    where p.group_id = $1
      and (p.cluster_id is null and $2::text is not null or p.topic_id is null and l.topic_id is not null)
    order by p.topic collate "C", p.partition
    for update of p
)
update salesplan.position p
set cluster_id = coalesce(p.cluster_id, $2::text), topic_id = coalesce(p.topic_id, u.topic_id)
from unnamed u
where p.group_id = u.group_id and p.topic = u.topic and p.partition = u.partition
