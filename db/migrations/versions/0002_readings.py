"""Positions store the log that they count in, and resets keep the counts of earlier readings."""

from pathlib import Path

from db.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
