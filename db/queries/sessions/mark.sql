-- Leave a mark, $1, in this session. Behind a pooler, another connection that sees it shares this server process.
select pg_catalog.set_config('salesplan.session', $1, false)
