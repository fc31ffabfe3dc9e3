-- Topics that no longer begin at their first record: what is missing there may have been retained once.
select format('%s[%s] begins at %s', topic, partition, first), count(*) over ()
from bounds
where first > 0 and (topic = $1 or topic like 'dlq.%')
order by topic, partition
limit 5
