-- Why: An erased lead has no contacts. The statement locks them in the order that all programs keep.
-- Runs it: `salesplan leads erase`, after leads/erase_waiting.
-- $1 account_id (text): the account.
-- $2 lead_id (text): the lead.
-- Returns nothing.
delete from salesplan.contact c
using (
    select account_id, lead_id, manager_id
    from salesplan.contact
    where account_id = $1 and lead_id = $2
    order by manager_id collate "C"
    for update
) k
where (c.account_id, c.lead_id, c.manager_id) = (k.account_id, k.lead_id, k.manager_id)
