-- Plans as they are stored, with their counts: what an edit is compared with, and what is listed. $1 null: all accounts.
select p.plan_no, p.account_id, p.plan_id, p.version, p.archived, p.roster,
       v.name, v.conversion_percent, v.average_sale, v.label_text, v.label_color, v.mode,
       v.managers, v.active, v.lgts, v.ordered, v.payment_failed, v.paid, v.changed_by, v.changed_at,
       c.last_seq, c.waiting, c.assigned
from salesplan.plan p
join salesplan.plan_version v on v.plan_no = p.plan_no and v.version = p.version
join salesplan.plan_counter c on c.plan_no = p.plan_no
where $1::text is null or p.account_id = $1
order by p.account_id, p.plan_id
