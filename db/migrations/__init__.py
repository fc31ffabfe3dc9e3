"""Migrations are plain SQL files; Alembic keeps their order and says which were run."""

from pathlib import Path
from typing import Any

from alembic import context, op
from sqlalchemy import Connection
from sqlalchemy.util import await_only

# While a migration waits for a table, everybody else who wants it waits behind the migration: a little shorter than
# batches are ready to wait. `worker.postgres.migrate` tries again.
LOCK_TIMEOUT = "2s"
LONGEST = 3600.0  # seconds; an index of a large table takes its time


def run_sql(file: Path) -> None:
    """Run a file of several statements in the migration's transaction, or print it under ``--sql``."""
    sql = file.read_text(encoding="utf-8")
    op.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")  # also what begins the transaction on the server
    if context.is_offline_mode():
        op.execute(sql)
    else:
        execute(op.get_bind(), sql)


def execute(connection: Connection, sql: str) -> None:
    """Several statements, past SQLAlchemy, which prepares each and so takes only one at a time."""
    driver: Any = connection.connection.driver_connection
    await_only(driver.execute(sql, timeout=LONGEST))
