-- Why: Two connections read the mark that one of them has left (sessions/mark).
-- Runs it: everybody who connects through a pooler, to find out whether it pools sessions.
-- Returns the mark of this session, null or empty where there is none.
select pg_catalog.current_setting('salesplan.session', true)
