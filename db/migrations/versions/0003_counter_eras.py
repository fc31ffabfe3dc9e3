"""Counter rows are found among their newest versions, however long a reader keeps the old ones."""

from pathlib import Path

from db.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
