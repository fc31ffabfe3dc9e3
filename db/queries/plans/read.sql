-- Why: An edit is compared with the plans as they are stored, and operators list them with their counts.
-- Runs it: every `salesplan plans` command.
-- $1 account_id (text): the account; null for all accounts.
-- Returns one row per plan, archived ones included, by account_id and plan_id: the plan, all columns of its version in
--   force, and last_seq, waiting, and by index in the roster assigned and last_seqs of its counters.
select p.plan_no, p.account_id, p.plan_id, p.version, p.archived, p.roster,
       v.name, v.conversion_percent, v.average_sale, v.label_text, v.label_color, v.mode,
       v.managers, v.active, v.lgts, v.ordered, v.payment_failed, v.paid, v.changed_by, v.changed_at,
       c.last_seq, c.waiting, c.assigned, c.last_seqs
from salesplan.plan p
join salesplan.plan_version v on v.plan_no = p.plan_no and v.version = p.version
join salesplan.plan_counter c on c.plan_no = p.plan_no
where $1::text is null or p.account_id = $1
order by p.account_id, p.plan_id
