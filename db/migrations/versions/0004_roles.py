"""Roles with no more rights than they need, and the views show a manager what is his."""

from pathlib import Path

from db.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
