-- What there is of a lead; `pending` says that an announcement of it lies in the outbox, which is dated as it is.
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
