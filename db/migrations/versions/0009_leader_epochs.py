"""Positions store the leader epoch of the records before them."""

from pathlib import Path

from db.migrations import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
