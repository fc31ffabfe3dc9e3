"""Positions tell under which leader their records were read."""

from pathlib import Path

from db.migrations import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
