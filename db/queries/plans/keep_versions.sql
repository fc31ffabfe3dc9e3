-- The history: every version, who made it and when, and after which of the plan's numbers. The counters are locked, so
-- no number is given away between the two. $1 is an array of objects named as the columns, $2 who, $3 when.
insert into salesplan.plan_version
       (plan_no, version, name, conversion_percent, average_sale, label_text, label_color, mode,
        managers, active, lgts, ordered, payment_failed, paid, archived, changed_by, changed_at, after_seq)
select n.plan_no, n.version, n.name, n.conversion_percent, n.average_sale, n.label_text, n.label_color, n.mode,
       n.managers, n.active, n.lgts, n.ordered, n.payment_failed, n.paid, n.archived, $2, $3, c.last_seq
from jsonb_populate_recordset(null::salesplan.plan_version, $1::jsonb) as n
join salesplan.plan_counter c using (plan_no)
