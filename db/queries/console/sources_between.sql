-- Why: A head of sales sees which LGTs and offers brought the leads of a day in. The statement reads only the leads of
--   the day.
-- Runs it: the console's page `/plans/{plan}`, for the last day, after console/numbers_before.
-- $1 plan_no (integer): the plan.
-- $2 above (bigint): the plan_seq before the day's first lead.
-- $3 up_to (bigint): the plan_seq of the day's last lead.
-- Returns a row for each LGT or offer with leads: trigger_kind, trigger_ref, leads.
select trigger_kind, trigger_ref, count(*) as leads
from salesplan.account_assignment
where plan_no = $1 and plan_seq > $2 and plan_seq <= $3
group by trigger_kind, trigger_ref
