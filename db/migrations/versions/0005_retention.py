"""Tables that record pruned data and erased leads, so that a check knows about them."""

from pathlib import Path

from db.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
