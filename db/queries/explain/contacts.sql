-- Who of the account has contacted the lead, latest first.
select manager_id, occurred_at
from salesplan.contact
where account_id = $1 and lead_id = $2
order by occurred_at desc, arrival desc
