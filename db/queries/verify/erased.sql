-- Why: In these accounts leads were erased. The checks allow as many leads to be missing.
-- Runs it: `salesplan verify`, for the notes of its report.
-- Returns some of the accounts with how many leads. Each row tells how many there are in all.
select format('%s (%s)', account_id, count(*)), count(*) over ()
from salesplan.erasure
group by account_id
order by account_id
limit 5
