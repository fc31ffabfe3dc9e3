"""A PostgreSQL server that has a copy of another's tables by logical replication."""

from __future__ import annotations

from worker.embedded import Postgres

COPY = "everything"
ROLES = ("salesplan_worker", "salesplan_reader", "salesplan_manager", "salesplan_console", "salesplan_head")
# As a cut-over does it, in db/README.md.
SUBSCRIBE = "create subscription {} connection 'host={} port={} user=postgres dbname=postgres' publication {}"
COPIED = "select count(*) = count(*) filter (where srsubstate = 'r') from pg_subscription_rel"
APPLIED = "select coalesce(bool_and(replay_lsn >= '{}'), false) from pg_stat_replication where application_name = '{}'"
TABLES = """
select format('%I.%I', n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'salesplan' and c.relkind in ('r', 'p') order by 1
"""


def publish_everything(server: Postgres) -> None:
    """Whatever tables there are, and will be: what tools for change capture and upgrades make by default."""
    ask(server, "alter system set wal_level = 'logical'")
    server.restart()
    ask(server, f"create publication {COPY} for all tables")


def subscribe(copy: Postgres, original: Postgres) -> None:
    """Schema and roles by a dump, rows by a subscription. Sequences stay where the schema has them begin."""
    for role in ROLES:
        ask(copy, f"create role {role}")
    schema = copy.folder / "schema.sql"
    schema.write_text(original.execute("pg_dump", "--schema-only", original.dsn()), encoding="utf-8")
    copy.execute("psql", copy.dsn(), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={schema}")
    ask(copy, SUBSCRIBE.format(COPY, original.socket.parent, original.port, COPY))


def has_all(copy: Postgres, original: Postgres) -> bool:
    """True if the copy has the rows that the original has at this moment."""
    place = ask(original, "select pg_current_wal_lsn()")
    return ask(copy, COPIED) == "t" and ask(original, APPLIED.format(place, COPY)) == "t"


def end(copy: Postgres) -> None:
    """From now on the copy is a database of its own."""
    ask(copy, f"drop subscription {COPY}")


def rows(server: Postgres) -> dict[str, list[str]]:
    """Every row of every table of ours, as text."""
    tables = ask(server, TABLES).splitlines()
    return {table: ask(server, f"select t::text from {table} t order by 1").splitlines() for table in tables}  # noqa: S608 -- quoted by Postgres


def ask(server: Postgres, statement: str) -> str:
    return server.execute("psql", server.dsn(), "--no-psqlrc", "--tuples-only", "--no-align", "-c", statement).strip()
