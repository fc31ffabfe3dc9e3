"""All tables can be replicated logically, and everybody may read how far the sequences are."""

from pathlib import Path

from db.migrations import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
