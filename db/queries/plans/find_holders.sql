-- Why: An edit that is refused tells which plans have the LGTs that it asks for.
-- Runs it: plan edits, where plans/give_lgts could not give all.
-- $1 account_id (text): the account.
-- $2 lgt_id (text[]): the LGTs that could not be given.
-- Returns lgt_id and the plan_id that has it, by lgt_id.
select l.lgt_id, p.plan_id
from salesplan.plan_lgt l
join salesplan.plan p on p.plan_no = l.plan_no
where l.account_id = $1 and l.lgt_id = any ($2::text[])
order by l.lgt_id
