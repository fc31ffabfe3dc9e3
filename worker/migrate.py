"""Brings the database up to date. Needs the ``migrate`` extra."""

from pathlib import Path

import db
from worker import postgres


def migrate(dsn: str | None = None) -> None:
    """Run what is missing of ``db/migrations``; harmless when repeated.

    ``dsn`` None means the ``PG*`` variables. Blocking: it runs a loop of its own.
    """
    from alembic import command  # noqa: PLC0415 -- an extra that a running worker does without
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).parent / "migrations"))
    config.attributes["connect"] = lambda: postgres.connect(dsn, application_name="salesplan-migrate")
    command.upgrade(config, "head")
