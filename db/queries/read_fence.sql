-- What is in force now that the locks are held: a statement of its own, so that its snapshot is younger than they.
select revision,
       date_trunc('milliseconds', clock_timestamp()) as decided_at,
       nextval('salesplan.arrival') as arrival
from salesplan.plan_book
