"""Slots store the epoch of the owner that marked their published position."""

from pathlib import Path

from db.migrations import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
