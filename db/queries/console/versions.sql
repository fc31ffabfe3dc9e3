-- Why: A head of sales sees all versions of a plan, and who made each of them when.
-- Runs it: the console's pages `/plans/{plan}/history` and `/lead`, after console/enter.
-- $1 plan_no (integer): the plan.
-- Returns all columns of each version, newest first.
select plan_no, version, name, conversion_percent, average_sale, label_text, label_color, mode, managers, active, lgts,
       ordered, payment_failed, paid, archived, changed_by, changed_at, after_seq
from salesplan.plan_version
where plan_no = $1
order by version desc
