"""Eras lead to the newest version of a counter row, even while a long reader keeps the old ones."""

from pathlib import Path

from db.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
