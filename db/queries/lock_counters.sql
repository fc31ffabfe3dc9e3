-- Lock the plans of a batch in the one global order, as late as possible, and read what is shared out so far.
-- $1: the plans' numbers, sorted: that is the order of the locks.
-- Returns a row for each plan, in that order. ``place`` is the row's ctid, by which move_counters.sql finds it again.
-- The newest era comes first: the look-up meets few versions of each row, however many an old snapshot keeps,
-- on a connection that uses the index's order (INDEX_ONLY in worker/postgres/sessions.py).
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
