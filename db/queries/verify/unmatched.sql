-- Why: (I1) The database counts unmatched events twice: by LGT or offer, and by partition. Both sums are equal. The sum
--   by LGT or offer includes the counters that were pruned.
-- Runs it: `salesplan verify`, in the snapshot that it takes before it reads the topics.
-- $1 examples (bigint): how many examples of faults to return at most.
-- Returns one row per example: its text, and the number of all faults. No row if the check finds no fault.
select format('%s times by LGT or offer, %s of them pruned, %s times by partition', u.times + p.times, p.times, r.times),
       count(*) over ()
from (select coalesce(sum(times), 0) as times from salesplan.unmatched) u
cross join (select coalesce(sum(times), 0) as times from salesplan.pruned where what = 'unmatched') p
cross join (select coalesce(sum(no_match), 0) as times from reading) r
where u.times + p.times <> r.times
limit $1
