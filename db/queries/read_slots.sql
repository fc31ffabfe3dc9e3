-- The slots of group $1 that somebody may own or that hold something unpublished. `version` is another one after each
-- renewal, whatever the clock says; `ran_out` is by the clock; who gave a slot back left it free.
select number, xmin as version, sequence > confirmed as owes, lease_until = '-infinity' as is_free,
       lease_until < clock_timestamp() as ran_out
from salesplan.slot
where group_id = $1 and (sequence > confirmed or lease_until > '-infinity')
