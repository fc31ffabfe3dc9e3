"""The console's logins: who a signed-in user is, and what heads of sales and managers see and change."""

from pathlib import Path

from db.migrations import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql(Path(__file__).with_suffix(".sql"))
