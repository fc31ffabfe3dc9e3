-- I3: every message is one by the contract, with headers that agree with its value.
select format('%s[%s]@%s: %s', topic, partition, "offset", fault), count(*) over ()
from (
    select topic, partition, "offset", fault from announced where fault is not null
    union all
    select topic, partition, "offset", fault from dead_letter where fault is not null
) m
order by topic, partition, "offset"
limit $1
