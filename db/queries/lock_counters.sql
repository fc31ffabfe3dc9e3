-- Lock the plans of a batch in the one global order, as late as possible, and read what is shared out so far.
select plan_no, last_seq, waiting, assigned, last_seqs
from salesplan.plan_counter
where plan_no = any ($1::integer[])
order by plan_no
for update
