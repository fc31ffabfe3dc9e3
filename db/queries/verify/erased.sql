-- Accounts in which leads were erased.
select format('%s (%s)', account_id, count(*)), count(*) over ()
from salesplan.erasure
group by account_id
order by account_id
limit 5
