-- Why: A session leaves a mark. Behind a pooler, another connection that sees the mark shares this server process.
-- Runs it: everybody who connects through a pooler, to find out whether it pools sessions.
-- $1 mark (text): the mark, a random one.
-- Returns the mark.
select pg_catalog.set_config('salesplan.session', $1, false)
