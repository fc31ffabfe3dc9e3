"""What was pruned and which leads were erased: so that a check does not miss them."""

from pathlib import Path

from db.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
