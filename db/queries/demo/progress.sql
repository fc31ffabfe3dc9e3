-- How far all inputs are worked off, for the live view.
select coalesce(sum(next_offset - first_offset), 0)::bigint as done,
       coalesce(sum(assigned), 0)::bigint as assigned,
       coalesce(sum(already_assigned), 0)::bigint as already_assigned,
       coalesce(sum(waiting), 0)::bigint as waiting,
       coalesce(sum(no_match), 0)::bigint as no_match,
       coalesce(sum(contact_recorded), 0)::bigint as contact_recorded,
       coalesce(sum(dead_lettered), 0)::bigint as dead_lettered
from salesplan.position
