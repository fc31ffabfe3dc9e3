-- What is in force now that the locks are held: a statement of its own, so that its snapshot is younger than they.
-- The transaction's id as xmin has it, without its epoch.
select revision,
       date_trunc('milliseconds', clock_timestamp()) as decided_at,
       nextval('salesplan.arrival') as arrival,
       pg_current_xact_id()::xid as writer
from salesplan.plan_book
