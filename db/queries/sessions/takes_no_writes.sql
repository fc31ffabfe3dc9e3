-- Tell whether the server, and not merely the login or its database, lets new transactions read only.
select s.setting operator(pg_catalog.=) 'on' and s.source operator(pg_catalog.<>) all ('{database,user,database user,client}')
from pg_catalog.pg_settings s
where s.name operator(pg_catalog.=) 'default_transaction_read_only'
