"""The database's side: migrations, and the statements the worker runs, one a file."""

from pathlib import Path


def query(name: str) -> str:
    """The text of ``db/queries/<name>.sql``; raises FileNotFoundError for a name there is no file of."""
    return (Path(__file__).parent / "queries" / f"{name}.sql").read_text(encoding="utf-8")
