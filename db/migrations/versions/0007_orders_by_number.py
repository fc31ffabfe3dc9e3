"""Orders by number where they were by time: versions of a plan, and a lead's assignments."""

from pathlib import Path

from db.migrations import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
