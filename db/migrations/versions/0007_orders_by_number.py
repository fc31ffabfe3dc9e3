"""Versions of a plan and assignments of a lead are ordered by number. Before, their time gave the order."""

from pathlib import Path

from db.migrations import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
