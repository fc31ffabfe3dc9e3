-- Why: A head of sales sees how many leads of a day each manager got. The statement reads only the leads of the day.
-- Runs it: the console's page `/plans/{plan}`, once for each day that is not cached, after console/numbers_before.
-- $1 plan_no (integer): the plan.
-- $2 above (bigint): the plan_seq before the day's first lead.
-- $3 up_to (bigint): the plan_seq of the day's last lead.
-- Returns one row per manager with leads: manager_id, leads.
select manager_id, count(*) as leads
from salesplan.account_assignment
where plan_no = $1 and plan_seq > $2 and plan_seq <= $3
group by manager_id
