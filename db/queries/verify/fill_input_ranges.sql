-- What was read of the inputs. A dead letter of a record written after `letters_since` is still retained: where its
-- partition no longer begins at its first record, a day after the oldest letter there is, clocks being what they are.
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
