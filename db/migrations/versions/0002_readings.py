"""Which log a position counts in, and what a reset leaves behind."""

from pathlib import Path

from db.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
