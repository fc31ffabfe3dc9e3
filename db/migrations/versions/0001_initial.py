"""Plans, ledger, positions, slots and the views for reports."""

from pathlib import Path

from db.migrations import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
