-- Nobody has contacted the lead. Locked in the order of everybody.
delete from salesplan.contact c
using (
    select account_id, lead_id, manager_id
    from salesplan.contact
    where account_id = $1 and lead_id = $2
    order by manager_id collate "C"
    for update
) k
where (c.account_id, c.lead_id, c.manager_id) = (k.account_id, k.lead_id, k.manager_id)
