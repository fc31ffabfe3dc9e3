-- Why: (I3) Every message follows the contract, and its headers agree with its value.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s[%s]@%s: %s', topic, partition, "offset", fault), count(*) over ()
from (
    select topic, partition, "offset", fault from announced where fault is not null
    union all
    select topic, partition, "offset", fault from dead_letter where fault is not null
) m
order by topic, partition, "offset"
limit $1
