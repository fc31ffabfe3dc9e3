-- Why: A head of sales sees how the leads of a day were shared out. The statement reads the rows between two numbers.
-- Runs it: the console's page `/plans/{plan}`, once for each day that is not cached, after console/numbers_before.
-- $1 plan_no (integer): the plan.
-- $2 above (bigint): the number before the first lead.
-- $3 up_to (bigint): the number of the last lead.
-- Returns a row a manager with leads: manager_id, leads.
select manager_id, count(*) as leads
from salesplan.account_assignment
where plan_no = $1 and plan_seq > $2 and plan_seq <= $3
group by manager_id
