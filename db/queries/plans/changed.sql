-- Why: Workers match events against plans and decide by them, so they load the plans that have changed.
-- Runs it: a worker, after plans/revision and in the same snapshot, if the revision differs from its own.
-- $1 revision (bigint): the revision that the worker holds, 0 for none.
-- Returns a row for each plan that changed since, archived ones included: the plan, and what matching and deciding need
--   of its version in force.
select p.plan_no, p.account_id, p.plan_id, p.version, p.archived, p.roster,
       v.name, v.mode, v.label_text, v.label_color, v.managers, v.active, v.lgts, v.ordered, v.payment_failed, v.paid
from salesplan.plan p
join salesplan.plan_version v on v.plan_no = p.plan_no and v.version = p.version
where p.book_revision > $1
