-- All LGTs of the changed plans, before any is given: so that plans of one file can swap them.
delete from salesplan.plan_lgt where plan_no = any ($1::integer[])
