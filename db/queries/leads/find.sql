-- Why: An operator sees how many rows there are about a lead. An erasure waits until the lead's announcement is
--   published. The statement finds an announcement by the time of its outbox row, which is that of the assignment.
-- Runs it: `salesplan leads erase`, also without `--execute`; with it, under the locks.
-- $1 account_id (text): the account.
-- $2 lead_id (text): the lead.
-- Returns one row: how many assignments, waiting and contacts there are; pending: an announcement lies in the outbox.
with mine as (
    select a.assigned_at
    from salesplan.assignment a
    join salesplan.plan p using (plan_no)
    where a.lead_id = $2 and p.account_id = $1
)
select (select count(*) from mine) as assignments,
       (select count(*)
        from salesplan.waiting_lead w
        join salesplan.plan p using (plan_no)
        where w.lead_id = $2 and p.account_id = $1) as waiting,
       (select count(*) from salesplan.contact where account_id = $1 and lead_id = $2) as contacts,
       exists (select from mine m join salesplan.outbox o on o.created_at = m.assigned_at) as pending
