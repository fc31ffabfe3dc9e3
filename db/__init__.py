"""The database's side: migrations, and the statements the worker runs, one a file."""

from itertools import dropwhile
from pathlib import Path

QUERIES = Path(__file__).parent / "queries"

# Our tables, and the table that says which migrations were run. No search_path decides where that one lies.
SCHEMA = "salesplan"
VERSION_TABLE = "alembic_version"

# Two migrations at once would trip over each other: who holds this advisory lock migrates, the others wait.
MIGRATION_LOCK = 5_274_633_981


def query(name: str) -> str:
    """The statement in ``db/queries/<name>.sql``; raises FileNotFoundError where there is no such file.

    Its name stands for the comments at its head, so that an operator finds it in `pg_stat_activity`, which shows 1 KB.
    """
    lines = (QUERIES / f"{name}.sql").read_text(encoding="utf-8").splitlines(keepends=True)
    return f"-- {name}\n" + "".join(dropwhile(lambda line: line.startswith("--"), lines))


def names() -> list[str]:
    """The names that ``query`` takes, in order, each with its folder: ``batch/lock_counters``."""
    return sorted(file.relative_to(QUERIES).with_suffix("").as_posix() for file in QUERIES.rglob("*.sql"))
