-- Why: The checks need to know what was read of the inputs. A dead letter of a record written after `letters_since` is
--   still retained. Where the dead-letter partition no longer begins at its first record, `letters_since`
--   is a day after the oldest letter, since clocks differ.
-- Runs it: `salesplan verify`, once it has read the inputs.
-- $1 topic (text[]): the topic of each partition.
-- $2 partition (integer[]): its number.
-- $3 first (bigint[]): the first offset of which the record was read.
-- $4 end (bigint[]): the offset after the last one.
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
