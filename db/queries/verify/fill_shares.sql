-- Who has how many leads in each plan, counted from the ledger.
insert into share (plan_no, manager_id, leads, last_seq)
select plan_no, manager_id, count(*), max(plan_seq)
from salesplan.assignment
group by plan_no, manager_id
