-- A place for each new manager, at zero; the rows are locked.
update salesplan.plan_counter c
set assigned = c.assigned || array_fill(0, array[n.newcomers]),
    last_seqs = c.last_seqs || array_fill(0::bigint, array[n.newcomers])
from unnest($1::integer[], $2::integer[]) as n (plan_no, newcomers)
where c.plan_no = n.plan_no and n.newcomers > 0
