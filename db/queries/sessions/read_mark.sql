-- Why: Two connections read the mark that one of them has left (sessions/mark).
-- Runs it: every program that connects through a pooler, to find out whether the pooler gives each connection a server
--   process of its own.
-- Returns the mark of this session, null or empty where there is none.
select pg_catalog.current_setting('salesplan.session', true)
