"""Migrations are plain SQL files. Alembic keeps their order, and stores the last one that was run."""

from pathlib import Path
from typing import Any

from alembic import context, op
from sqlalchemy import Connection
from sqlalchemy.util import await_only

# While a migration waits for the lock of a table, all later transactions on the table wait behind it. So this limit is
# a little shorter than that of batches, and `worker.postgres.migrate` tries again.
LOCK_TIMEOUT = "2s"
LONGEST = 3600.0  # seconds; the index of a large table can take many minutes


def run_sql(file: Path) -> None:
    """Run a file of several statements in the migration's transaction, or print it under ``--sql``."""
    sql = file.read_text(encoding="utf-8")
    op.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")  # this statement also begins the transaction on the server
    if context.is_offline_mode():
        op.execute(sql)
    else:
        execute(op.get_bind(), sql)


def execute(connection: Connection, sql: str) -> None:
    """Run several statements through asyncpg. SQLAlchemy would prepare the text, so it accepts only one statement."""
    driver: Any = connection.connection.driver_connection
    await_only(driver.execute(sql, timeout=LONGEST))
