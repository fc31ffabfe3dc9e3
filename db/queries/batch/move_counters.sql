-- Why: A batch writes back the locked counter rows that changed, each in the place where it was locked. Arrays of
--   unequal length can't be unnested, so they come as text.
-- Runs it: the worker's ledger, in each batch that assigns a lead or lets one wait.
-- $1 place (tid[]): the places (ctid) of the rows, as batch/lock_counters returned them.
-- $2 last_seq (bigint[]): for each row, the latest plan_seq.
-- $3 waiting (integer[]): for each row, how many leads wait.
-- $4 assigned (text[]): for each row, the text of an integer[]: leads by index in the roster.
-- $5 last_seqs (text[]): for each row, the text of a bigint[]: the latest plan_seq by index in the roster.
-- Returns nothing; the command tag tells how many rows were found again. The ledger requires all of them.
update salesplan.plan_counter c
set last_seq = n.last_seq,
    waiting = n.waiting,
    assigned = n.assigned::integer[],
    last_seqs = n.last_seqs::bigint[]
from unnest($1::tid[], $2::bigint[], $3::integer[], $4::text[], $5::text[])
    as n (place, last_seq, waiting, assigned, last_seqs)
where c.ctid = n.place
