-- Write back the locked counter rows that changed, each in the place where it was locked.
-- Arrays of unequal length can't be unnested: they come as text.
update salesplan.plan_counter c
set last_seq = n.last_seq,
    waiting = n.waiting,
    assigned = n.assigned::integer[],
    last_seqs = n.last_seqs::bigint[]
from unnest($1::tid[], $2::bigint[], $3::integer[], $4::text[], $5::text[])
    as n (place, last_seq, waiting, assigned, last_seqs)
where c.ctid = n.place
