-- I3: whoever sees a message twice, aborted copies included, sees the same key, value and headers.
select format('event %s, %s different ones: %s', event_id, count(distinct digest),
              string_agg(format('%s[%s]@%s', topic, partition, "offset"), ', ' order by topic, partition, "offset")),
       count(*) over ()
from announced
where event_id is not null
group by event_id
having count(distinct digest) > 1
order by event_id
limit $1
