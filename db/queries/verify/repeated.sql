-- I3: a read_committed reader sees each assignment once; and none is in two rows of the outbox, to be sent twice.
select format('event %s, %s times: %s', event_id, count(*),
              string_agg(format('%s[%s]@%s', topic, partition, "offset"), ', ' order by topic, partition, "offset")),
       count(*) over ()
from announced
where source in ('committed', 'pending') and event_id is not null
group by source, event_id
having count(*) > 1
order by event_id
limit $1
