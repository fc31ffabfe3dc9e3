-- Wakes the workers at commit; one that misses it looks at intervals, and every batch checks the revision anyway.
select pg_notify('salesplan_plans', $1::bigint::text)
