"""Roles have only the rights that they need, and views show a manager only the manager's own rows."""

from pathlib import Path

from db.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
