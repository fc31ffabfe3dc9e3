-- Why: A primary whose own configuration lets new transactions read only is refused. Where merely the login or its
--   database says so, the session sets it right.
-- Runs it: every program that connects, where the server refuses writes.
-- Returns one row: whether the server itself lets new transactions read only.
select s.setting operator(pg_catalog.=) 'on' and s.source operator(pg_catalog.<>) all ('{database,user,database user,client}')
from pg_catalog.pg_settings s
where s.name operator(pg_catalog.=) 'default_transaction_read_only'
