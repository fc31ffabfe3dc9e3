-- Why: The checks compare counters with the leads of each manager in each plan, counted from the ledger.
-- Runs it: `salesplan verify`, once it has read the topics, before the checks.
-- Returns nothing.
insert into share (plan_no, manager_id, leads, last_seq)
select plan_no, manager_id, count(*), max(plan_seq)
from salesplan.assignment
group by plan_no, manager_id
