-- Whose the LGTs are that could not be given.
select l.lgt_id, p.plan_id
from salesplan.plan_lgt l
join salesplan.plan p on p.plan_no = l.plan_no
where l.account_id = $1 and l.lgt_id = any ($2::text[])
order by l.lgt_id
