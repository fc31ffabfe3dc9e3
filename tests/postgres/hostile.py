"""A login and a database whose settings are as others may need them, and as nobody expects them here."""

from __future__ import annotations

from collections.abc import Mapping

from worker import postgres
from worker.postgres.sessions import NOT_EVERYWHERE

SETTINGS = {
    "search_path": "evil, pg_catalog",
    "client_encoding": "LATIN1",
    "TimeZone": "Asia/Kathmandu",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "synchronous_commit": "off",
    "idle_session_timeout": "1s",
    "idle_in_transaction_session_timeout": "10min",
    "transaction_timeout": "1s",
    "statement_timeout": "1s",
    "lock_timeout": "1s",
    "exit_on_error": "on",
    "row_security": "off",
    "jit": "on",
    "jit_above_cost": "0",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_indexscan": "off",
    "enable_indexonlyscan": "off",
    "enable_bitmapscan": "off",
    "enable_nestloop": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_sort": "off",
    "work_mem": "64kB",
    "join_collapse_limit": "1",
    "application_name": "psql",
    "client_connection_check_interval": "0",
    "tcp_user_timeout": "0",
}

# What the system calls so is called so here too, and comes first.
NAMESAKES = """
    create schema evil;
    create function evil.set_config(text, text, boolean) returns text language sql as 'select $2';
    create function evil.current_setting(text) returns text language sql as $$ select 'UTF8' $$;
    create function evil.current_setting(text, boolean) returns text language sql as $$ select '' $$;
    create function evil.pg_backend_pid() returns integer language sql as 'select 0';
    create function evil.clock_timestamp() returns timestamptz language sql as $$ select 'epoch'::timestamptz $$;
    create function evil.unnest(text[]) returns setof text language sql as $$ select 'evil' $$;
    create function evil.unnest(integer[]) returns setof integer language sql as 'select -1';
    create function evil.differ(text, text) returns boolean language sql as 'select false';
    create operator evil.= (leftarg = text, rightarg = text, function = evil.differ);
    create view evil.pg_settings as
        select 'default_transaction_read_only' as name, 'on' as setting, 'default' as source;
    create table evil.alembic_version (version_num text);
    create domain evil.text as pg_catalog.int4;
    grant usage on schema evil to public;
"""


async def make_hostile(owner: postgres.Connection, login: str) -> None:
    """Half of it is the login's, half the database's."""
    await owner.execute(NAMESAKES)
    database = await owner.fetchval("select quote_ident(current_database())")
    for number, (name, value) in enumerate(SETTINGS.items()):
        whose = f"database {database}" if number % 2 else f"role {login}"
        values = value if name == "search_path" else f"'{value}'"
        await owner.execute(f"alter {whose} set {name} = {values}")


async def other(connection: postgres.Connection, wanted: Mapping[str, str]) -> dict[str, str]:
    """The settings that are not as wanted."""
    found = {name: await connection.fetchval("select pg_catalog.current_setting($1)", name) for name in wanted}
    return {name: value for name, value in found.items() if value != wanted[name] and name not in NOT_EVERYWHERE}
