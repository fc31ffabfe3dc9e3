-- I1: what falls through is counted by what it named as often as by where it was read; what was pruned is kept as a sum.
select format('%s times by LGT or offer, %s of them pruned, %s times by partition', u.times + p.times, p.times, r.times),
       count(*) over ()
from (select coalesce(sum(times), 0) as times from salesplan.unmatched) u
cross join (select coalesce(sum(times), 0) as times from salesplan.pruned where what = 'unmatched') p
cross join (select coalesce(sum(no_match), 0) as times from reading) r
where u.times + p.times <> r.times
limit $1
