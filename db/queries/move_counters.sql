-- Write back the locked counter rows that changed. Arrays of unequal length can't be unnested: they come as text.
update salesplan.plan_counter c
set last_seq = n.last_seq,
    waiting = n.waiting,
    assigned = n.assigned::integer[],
    last_seqs = n.last_seqs::bigint[]
from unnest($1::integer[], $2::bigint[], $3::integer[], $4::text[], $5::text[])
    as n (plan_no, last_seq, waiting, assigned, last_seqs)
where c.plan_no = n.plan_no
