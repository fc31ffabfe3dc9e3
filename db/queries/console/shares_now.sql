-- Why: A head of sales sees who would get a lead now. The rules compare the present counts of the plan's managers.
-- Runs it: the console's pages `/lead` and `/plans/{plan}/try`, after console/enter.
-- $1 plan_no (integer[]): the plans.
-- Returns one row per plan: plan_no, last_seq, and by place in the plan's roster assigned and last_seqs.
select plan_no, last_seq, assigned, last_seqs
from salesplan.plan_counter
where plan_no = any ($1)
