-- The history: every version, who made it and when. $1 is an array of objects named as the columns.
insert into salesplan.plan_version
       (plan_no, version, name, conversion_percent, average_sale, label_text, label_color, mode,
        managers, active, lgts, ordered, payment_failed, paid, archived, changed_by, changed_at)
select n.plan_no, n.version, n.name, n.conversion_percent, n.average_sale, n.label_text, n.label_color, n.mode,
       n.managers, n.active, n.lgts, n.ordered, n.payment_failed, n.paid, n.archived, $2, $3
from jsonb_populate_recordset(null::salesplan.plan_version, $1::jsonb) as n
