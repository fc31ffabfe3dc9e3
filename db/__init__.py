"""The database's side: migrations, and the statements the worker runs, one a file."""

from pathlib import Path

QUERIES = Path(__file__).parent / "queries"

# Our tables, and the table that says which migrations were run. No search_path decides where that one lies.
SCHEMA = "salesplan"
VERSION_TABLE = "alembic_version"

# Two migrations at once would trip over each other: who holds this advisory lock migrates, the others wait.
MIGRATION_LOCK = 5_274_633_981


def query(name: str) -> str:
    """The text of ``db/queries/<name>.sql``; raises FileNotFoundError for a name there is no file of."""
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def names() -> list[str]:
    """The names that ``query`` takes, in order, each with its folder: ``batch/lock_counters``."""
    return sorted(file.relative_to(QUERIES).with_suffix("").as_posix() for file in QUERIES.rglob("*.sql"))
