"""Migrations are plain SQL files; Alembic keeps their order and says which were run."""

from pathlib import Path
from typing import Any

from alembic import context, op
from sqlalchemy.util import await_only


def run_sql(file: Path) -> None:
    """Run a file of several statements in the migration's transaction, or print it under ``--sql``."""
    sql = file.read_text(encoding="utf-8")
    if context.is_offline_mode():
        op.execute(sql)
        return
    # Past SQLAlchemy, which prepares each statement and so takes only one at a time.
    driver: Any = op.get_bind().connection.driver_connection
    await_only(driver.execute(sql))
