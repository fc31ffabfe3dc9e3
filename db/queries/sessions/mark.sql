-- Why: Behind a pooler, two connections may share one server process. To find out, one session sets a mark. If another
--   connection then reads the same mark, it has the same server process.
-- Runs it: every program that connects through a pooler, to find out whether the pooler gives each connection a server
--   process of its own.
-- $1 mark (text): a random mark.
-- Returns the mark.
select pg_catalog.set_config('salesplan.session', $1, false)
