"""Brings the database up to date. Needs the ``migrate`` extra."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

import db
from worker import postgres
from worker.postgres import schema, sequences
from worker.postgres.sessions import MIGRATION

if TYPE_CHECKING:
    from alembic.config import Config

IN_THE_WAY = db.query("migrate/in_the_way")

TRIES = 20  # each waits two seconds for a table, as `db.migrations` says
PAUSE = 1.5  # seconds in which those who have queued behind a try get their turn


APPLICATION = "salesplan-migrate"


class InTheWayError(Exception):
    """Tables that are to be changed were in use all the time; says by whom."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """The versions before (None: there were no tables) and after.

    ``moved_from`` is the schema that the version was kept in before, ``mended`` the sequences that were behind.
    """

    before: str | None
    after: str | None
    moved_from: str | None
    mended: list[str]

    def __str__(self) -> str:
        steps = []
        if self.before != self.after:
            steps.append(f"migrated from {self.before} to {self.after}" if self.before else f"made, at {self.after}")
        if self.moved_from:
            steps.append(f"its version moved from schema {self.moved_from} to {db.SCHEMA}")
        if self.mended:
            steps.append(f"{' and '.join(self.mended)} set ahead of the numbers that were given")
        return "; ".join(steps) or f"at {self.after}, nothing was to be done"


def migrate(dsn: str | None = None) -> Migrated:
    """Run what is missing of ``db/migrations``, and set sequences that are behind right; harmless when repeated.

    ``dsn`` None means the ``PG*`` variables. Blocking: it runs a loop of its own. Raises InTheWayError,
    schema.SchemaUnfitError, schema.UnknownVersionError, and one of ``postgres.TROUBLE``; what was run until then stays.
    """
    from alembic.config import Config  # noqa: PLC0415 -- an extra that a running worker does without

    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).parent / "migrations"))
    config.attributes["connect"] = lambda: postgres.connect(dsn, application_name=APPLICATION, settings=MIGRATION)
    begun: tuple[str | None, str | None] | None = None
    for _ in range(TRIES):
        try:
            begun = begun or asyncio.run(_prepare(dsn, _known(config)))
            _upgrade(config)
            return asyncio.run(_finish(dsn, *begun))
        except postgres.RETRY:
            time.sleep(PAUSE)
    raise InTheWayError(asyncio.run(_in_the_way(dsn)))


def _known(config: Config) -> Collection[str]:
    from alembic import script  # noqa: PLC0415

    return {migration.revision for migration in script.ScriptDirectory.from_config(config).walk_revisions()}


async def _prepare(dsn: str | None, known: Collection[str]) -> tuple[str | None, str | None]:
    async with postgres.connected(dsn, application_name=APPLICATION, settings=MIGRATION) as connection:
        return await schema.prepare(connection, known)


async def _finish(dsn: str | None, before: str | None, moved_from: str | None) -> Migrated:
    async with postgres.connected(dsn, application_name=APPLICATION, settings=MIGRATION) as connection:
        mended = await sequences.mend(connection)
        return Migrated(before, await schema.read_version(connection), moved_from, mended)


def _upgrade(config: Config) -> None:
    from alembic import command  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        # SQLAlchemy wraps twice what the client has raised, and adds pages to it.
        wrapped = error.orig and error.orig.__cause__
        if error.connection_invalidated and isinstance(wrapped, asyncpg.InterfaceError):
            raise postgres.ConnectionEndedError("the connection has ended") from error
        raise wrapped or error from None


async def _in_the_way(dsn: str | None) -> str:
    async with postgres.connected(dsn, application_name=APPLICATION, settings=MIGRATION) as connection:
        row = await connection.fetchrow(IN_THE_WAY)
    told = "a table that is to be changed is in use all the time"
    if row:
        pid, application, seconds = row
        told += f", perhaps for {seconds} s by process {pid} ({application or 'without a name'})"
    return f"{told}; end it, or migrate again when it is done"
