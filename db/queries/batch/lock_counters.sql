-- Why: A batch locks the counters of its plans in the one global lock order, as late as possible. It reads what is
--   shared out so far. The newest era of a row comes first, so few versions are met however many an old snapshot keeps.
--   This needs a connection that uses the index's order (INDEX_ONLY in worker/postgres/sessions.py). Where a row's xmin
--   is still the one in $2, nobody has written the row since, and its arrays stay out of the answer.
-- Runs it: the worker's ledger, as the first statement of a batch's transaction.
-- $1 plan_no (integer[]): the plans of the batch, ascending.
-- $2 writer (xid[]): by plan, the transaction whose arrays the worker still remembers; null where it remembers none.
-- Returns a row a plan: plan_no; last_seq, its latest number; waiting, how many leads wait; assigned and last_seqs, by
--   place in the roster, null where the worker knows them; place, the row's ctid; writer, its xmin.
select c.plan_no,
       c.last_seq,
       c.waiting,
       case when c.is_known then null else c.assigned end as assigned,
       case when c.is_known then null else c.last_seqs end as last_seqs,
       c.place,
       c.writer
from unnest($1::integer[], $2::xid[]) as k (plan_no, writer)
cross join lateral (
    select plan_no, last_seq, waiting, assigned, last_seqs, ctid as place, xmin as writer, xmin = k.writer as is_known
    from salesplan.plan_counter
    where plan_no = k.plan_no
    order by era desc
    limit 1
    for update
) c
