-- Why: Leads of these accounts were erased. In each account, the checks accept as many missing leads as were erased.
-- Runs it: `salesplan verify`, for the notes of its report.
-- Returns some of the accounts, each with the number of its erasures. Each row also has the number of all such
--   accounts.
select format('%s (%s)', account_id, count(*)), count(*) over ()
from salesplan.erasure
group by account_id
order by account_id
limit 5
