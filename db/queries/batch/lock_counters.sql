-- Lock the plans of a batch in the one global order, as late as possible, and read what is shared out so far.
-- $1 is sorted. The newest era first: of each row few versions are met, however many an old snapshot keeps,
-- on a connection that uses the index's order (INDEX_ONLY in worker/postgres/sessions.py).
-- $2: of each plan the transaction whose arrays the caller still has, or null. Where that one's is still the row's xmin,
-- nobody has written the row since, and they are left out.
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
