-- What workers match against and decide by: the plans that changed since a revision, archived ones included.
select p.plan_no, p.account_id, p.plan_id, p.version, p.archived, p.roster,
       v.name, v.mode, v.label_text, v.label_color, v.managers, v.active, v.lgts, v.ordered, v.payment_failed, v.paid
from salesplan.plan p
join salesplan.plan_version v on v.plan_no = p.plan_no and v.version = p.version
where p.book_revision > $1
