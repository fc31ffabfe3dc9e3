"""Pages of the console: a plan's clients and a manager's own, newest first, and the numbers of days."""

from pathlib import Path

from db.migrations import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
