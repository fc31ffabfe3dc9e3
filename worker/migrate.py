"""Brings the database up to date. Needs the ``migrate`` extra."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import db
from worker import postgres
from worker.postgres.sessions import MIGRATION

if TYPE_CHECKING:
    from alembic.config import Config

IN_THE_WAY = db.query("migrate_in_the_way")

TRIES = 20  # each waits two seconds for a table, as `db.migrations` says
PAUSE = 1.5  # seconds in which those who have queued behind a try get their turn


class UnknownVersionError(Exception):
    """The database is at a version that this release does not know."""


class InTheWayError(Exception):
    """Tables that are to be changed were in use all the time; says by whom."""


def migrate(dsn: str | None = None) -> None:
    """Run what is missing of ``db/migrations``; harmless when repeated.

    ``dsn`` None means the ``PG*`` variables. Blocking: it runs a loop of its own; what was run until an error stays.
    Raises InTheWayError, UnknownVersionError, and one of ``postgres.TROUBLE``.
    """
    from alembic.config import Config  # noqa: PLC0415 -- an extra that a running worker does without

    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).parent / "migrations"))
    config.attributes["connect"] = lambda: postgres.connect(
        dsn, application_name="salesplan-migrate", settings=MIGRATION
    )
    for _ in range(TRIES):
        try:
            return _upgrade(config)
        except postgres.RETRY:
            time.sleep(PAUSE)
    raise InTheWayError(asyncio.run(_in_the_way(dsn)))


def _upgrade(config: Config) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.script.revision import ResolutionError  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):
            raise UnknownVersionError(str(error)) from None
        raise
    except DBAPIError as error:
        # SQLAlchemy wraps twice what the client has raised, and adds pages to it.
        wrapped = error.orig and error.orig.__cause__
        raise wrapped or error from None


async def _in_the_way(dsn: str | None) -> str:
    async with postgres.connected(dsn, application_name="salesplan-migrate") as connection:
        row = await connection.fetchrow(IN_THE_WAY)
    told = "a table that is to be changed is in use all the time"
    if row:
        pid, application, seconds = row
        told += f", perhaps for {seconds} s by process {pid} ({application or 'without a name'})"
    return f"{told}; end it, or migrate again when it is done"
