-- Why: The checks need to know which records of the inputs the checker has read. They also need the time
--   `letters_since`: Kafka still retains the dead letters of records that were written after it. If the dead-letter
--   partition no longer begins at its first record, this time is a day after the oldest dead letter, because clocks
--   differ.
-- Runs it: `salesplan verify`, once it has read the inputs.
-- $1 topic (text[]): the topic of each partition.
-- $2 partition (integer[]): its number.
-- $3 first (bigint[]): the offset of the first record that was read.
-- $4 end (bigint[]): the offset after the last record that was read.
-- Returns nothing.
insert into input_range (topic, partition, first, "end", letters_since)
select r.topic, r.partition, r.first, r."end",
       case when coalesce(b.first, 0) = 0 then '-infinity'
            else coalesce((
                select min(d.published_at)
                from dead_letter d
                where d.source = 'committed' and d.topic = b.topic and d.partition = b.partition
            ) + interval '1 day', 'infinity')
       end
from unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[]) as r (topic, partition, first, "end")
left join bounds b on b.letters_of = r.topic and b.partition = r.partition
