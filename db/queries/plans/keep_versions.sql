-- Why: The history keeps every version: who made it, when, and after which of the plan's numbers. The edit has locked
--   the counters, so no number is given away in between.
-- Runs it: plan edits, after plans/raise_revision.
-- $1 versions (jsonb): an array with an object for each version, whose fields are named as the columns.
-- $2 changed_by (text): who changes the plans.
-- $3 changed_at (timestamptz): the time of the edit.
-- Returns nothing.
insert into salesplan.plan_version
       (plan_no, version, name, conversion_percent, average_sale, label_text, label_color, mode,
        managers, active, lgts, ordered, payment_failed, paid, archived, changed_by, changed_at, after_seq)
select n.plan_no, n.version, n.name, n.conversion_percent, n.average_sale, n.label_text, n.label_color, n.mode,
       n.managers, n.active, n.lgts, n.ordered, n.payment_failed, n.paid, n.archived, $2, $3, c.last_seq
from jsonb_populate_recordset(null::salesplan.plan_version, $1::jsonb) as n
join salesplan.plan_counter c using (plan_no)
