-- The mark that was left in this session, or null or empty.
select pg_catalog.current_setting('salesplan.session', true)
