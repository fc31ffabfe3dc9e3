"""Outbox rows can hold messages that are too large for their topic now."""

from pathlib import Path

from db.migrations import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
