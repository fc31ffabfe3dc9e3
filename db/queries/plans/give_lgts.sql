-- Sorted, so that two writers can't deadlock. One that somebody else has is left to him, and missing in the answer.
insert into salesplan.plan_lgt (account_id, lgt_id, plan_no)
select $1, n.lgt_id, n.plan_no
from unnest($2::text[], $3::integer[]) as n (lgt_id, plan_no)
order by n.lgt_id
on conflict do nothing
returning lgt_id
