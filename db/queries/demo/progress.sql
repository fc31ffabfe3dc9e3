-- Why: The live view of the demo shows how far all inputs are worked off.
-- Runs it: `salesplan demo`, four times a second.
-- Returns one row: done, how many offsets were read; and how many records had each outcome.
select coalesce(sum(next_offset - first_offset), 0)::bigint as done,
       coalesce(sum(assigned), 0)::bigint as assigned,
       coalesce(sum(already_assigned), 0)::bigint as already_assigned,
       coalesce(sum(waiting), 0)::bigint as waiting,
       coalesce(sum(no_match), 0)::bigint as no_match,
       coalesce(sum(contact_recorded), 0)::bigint as contact_recorded,
       coalesce(sum(dead_lettered), 0)::bigint as dead_lettered
from salesplan.position
