-- Why: A reset takes positions away and keeps what became of the records up to here.
-- Runs it: `salesplan offsets reset`, after positions/lock and in the same transaction.
-- $1 group_id (text): the consumer group.
-- $2 topic (text[]): the topic of each partition.
-- $3 partition (integer[]): its number.
-- $4 ended_by (text): who resets.
-- $5 reset_to (text): the target that was asked for: earliest, latest or a time.
-- Returns nothing.
with ended as (
    delete from salesplan.position p
    using unnest($2::text[], $3::integer[]) as e (topic, partition)
    where p.group_id = $1 and p.topic = e.topic and p.partition = e.partition
    returning p.*
)
insert into salesplan.position_past
       (group_id, topic, partition, reading, first_offset, next_offset, skipped, assigned, waiting, already_assigned,
        no_match, contact_recorded, dead_lettered, cluster_id, topic_id, ended_at, ended_by, reset_to)
select group_id, topic, partition, reading, first_offset, next_offset, skipped, assigned, waiting, already_assigned,
       no_match, contact_recorded, dead_lettered, cluster_id, topic_id, clock_timestamp(), $4, $5
from ended
