-- Why: A batch locks the counters of its plans in the one global lock order, as late as possible. It also reads how
--   many leads each manager has. An old snapshot can keep many versions of a row. The statement reads the newest era of
--   the row first, so it passes few of them. This needs a connection that uses the index's order (INDEX_ONLY in
--   worker/postgres/sessions.py).
-- Runs it: the worker's ledger, as the first statement of a batch's transaction.
-- $1 plan_no (integer[]): the plans of the batch, ascending.
-- Returns one row per plan: plan_no; place, the row's ctid, by which batch/move_counters finds it again; last_seq, its
--   latest number; waiting, how many leads wait; assigned and last_seqs, by index in the roster.
select c.plan_no, c.place, c.last_seq, c.waiting, c.assigned, c.last_seqs
from unnest($1::integer[]) as k (plan_no)
cross join lateral (
    select plan_no, ctid as place, last_seq, waiting, assigned, last_seqs
    from salesplan.plan_counter
    where plan_no = k.plan_no
    order by era desc
    limit 1
    for update
) c
