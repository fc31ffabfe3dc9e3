-- Lock the plans of a batch in the one global order, as late as possible, and read what is shared out so far.
-- $1 is sorted. The newest era first: of each row few versions are met, however many an old snapshot keeps.
select c.plan_no, c.last_seq, c.waiting, c.assigned, c.last_seqs, c.place
from unnest($1::integer[]) as k (plan_no)
cross join lateral (
    select plan_no, last_seq, waiting, assigned, last_seqs, ctid as place
    from salesplan.plan_counter
    where plan_no = k.plan_no
    order by era desc
    limit 1
    for update
) c
