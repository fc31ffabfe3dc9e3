"""The migrations, and the statements that the worker runs, each in a file of its own."""

from itertools import dropwhile
from pathlib import Path

QUERIES = Path(__file__).parent / "queries"

# The schema of all tables. It also holds Alembic's table of the migrations that were run, whatever the search_path is.
SCHEMA = "salesplan"
VERSION_TABLE = "alembic_version"

# Two migrations at the same time would disturb each other. The holder of this advisory lock migrates; the others wait.
MIGRATION_LOCK = 5_274_633_981


def query(name: str) -> str:
    """The statement in ``db/queries/<name>.sql``. Raises FileNotFoundError where there is no such file.

    The name replaces the comments at its head, so that an operator finds it in `pg_stat_activity`, which shows 1 KB.
    """
    lines = (QUERIES / f"{name}.sql").read_text(encoding="utf-8").splitlines(keepends=True)
    return f"-- {name}\n" + "".join(dropwhile(lambda line: line.startswith("--"), lines))


def names() -> list[str]:
    """All names that ``query`` accepts, sorted, each with its folder, like ``batch/lock_counters``."""
    return sorted(file.relative_to(QUERIES).with_suffix("").as_posix() for file in QUERIES.rglob("*.sql"))
