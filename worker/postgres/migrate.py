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

TRIES = 20  # each try waits two seconds for a table, see `db.migrations`
PAUSE = 1.5  # seconds in which queries that have queued behind a try can run


APPLICATION = "salesplan-migrate"


class InTheWayError(Exception):
    """Other sessions used the tables all the time; the text names one."""


@dataclass(frozen=True, slots=True)
class MigrationResult:
    """Result of a migration: the versions before (None: there were no tables) and after.

    ``moved_from`` is the schema that contained the version before. ``mended`` are the sequences that were behind.
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


def migrate(dsn: str | None = None) -> MigrationResult:
    """Run the missing migrations of ``db/migrations``, and correct sequences that are behind.

    A second run changes nothing. ``dsn`` None means the ``PG*`` variables. The function blocks, and runs a loop of its
    own. Raises InTheWayError, schema.SchemaUnfitError, schema.UnknownVersionError, and one of ``postgres.TROUBLE``.
    Migrations that ran before the error stay.
    """
    from alembic.config import Config  # noqa: PLC0415 -- an extra that a running worker does without

    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).parent / "migrations"))
    config.attributes["connect"] = lambda: postgres.connect(dsn, application_name=APPLICATION, settings=MIGRATION)
    prepared: tuple[str | None, str | None] | None = None
    for _ in range(TRIES):
        try:
            prepared = prepared or asyncio.run(_prepare(dsn, _versions_of_release(config)))
            _upgrade(config)
            return asyncio.run(_finish(dsn, *prepared))
        except postgres.RETRY:
            time.sleep(PAUSE)
    raise InTheWayError(asyncio.run(_in_the_way(dsn)))


def _versions_of_release(config: Config) -> Collection[str]:
    from alembic import script  # noqa: PLC0415

    return {migration.revision for migration in script.ScriptDirectory.from_config(config).walk_revisions()}


async def _prepare(dsn: str | None, versions: Collection[str]) -> tuple[str | None, str | None]:
    async with postgres.connected(dsn, application_name=APPLICATION, settings=MIGRATION) as connection:
        return await schema.prepare(connection, versions)


async def _finish(dsn: str | None, before: str | None, moved_from: str | None) -> MigrationResult:
    async with postgres.connected(dsn, application_name=APPLICATION, settings=MIGRATION) as connection:
        mended = await sequences.mend(connection)
        return MigrationResult(before, await schema.read_version(connection), moved_from, mended)


def _upgrade(config: Config) -> None:
    from alembic import command  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        # SQLAlchemy wraps the client's error twice, and adds a long text to it.
        wrapped = error.orig and error.orig.__cause__
        if error.connection_invalidated and isinstance(wrapped, asyncpg.InterfaceError):
            raise postgres.ConnectionEndedError("the connection has ended") from error
        raise wrapped or error from None


async def _in_the_way(dsn: str | None) -> str:
    async with postgres.connected(dsn, application_name=APPLICATION, settings=MIGRATION) as connection:
        row = await connection.fetchrow(IN_THE_WAY)
    text = "a table that the migration changes is in use all the time"
    if row:
        pid, application, seconds = row
        text += f", perhaps for {seconds} s by process {pid} ({application or 'without a name'})"
    return f"{text}; end it, or migrate again when it is done"
