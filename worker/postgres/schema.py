"""Our schema before it is migrated: whose it is, and where its version is kept."""

from __future__ import annotations

from collections.abc import Collection

import db
from db import query
from worker import postgres

LOOK = query("migrate/look")
OTHER_VERSIONS = query("migrate/other_versions")

VERSIONS = f"{db.SCHEMA}.{db.VERSION_TABLE}"
READ_VERSIONS = f"select version_num from {VERSIONS}"  # noqa: S608 -- names of our own
KEEP_VERSION = f"insert into {VERSIONS} values ($1)"  # noqa: S608
LOCK = "select pg_advisory_xact_lock($1)"
# As Alembic makes it.
MAKE_VERSIONS = f"""
create table {VERSIONS} (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num))
"""


class SchemaUnfitError(Exception):
    """The schema is not ours to migrate; says what to do."""


class UnknownVersionError(Exception):
    """The database is at a version that this release does not know: a newer one has migrated it."""


async def prepare(connection: postgres.Connection, known: Collection[str]) -> tuple[str | None, str | None]:
    """Make the schema and its version table where they are missing; ``known`` are the versions of this release.

    A database of a release that kept its version elsewhere has it moved. Returns the version (None: nothing was
    migrated yet) and the schema that it was moved from (None: it was not). Raises SchemaUnfitError, and
    UnknownVersionError.
    """
    async with postgres.transaction(connection):
        await connection.execute(f"set local lock_timeout = '{postgres.BATCH_SETTINGS['lock_timeout']}'")
        await connection.execute(LOCK, db.MIGRATION_LOCK)
        found = await connection.fetchrow(LOOK)
        assert found is not None  # noqa: S101 -- it has always one row
        await _refuse_foreign(connection, found)
        if found["has_versions"]:
            version = await read_version(connection)
            _refuse_unknown(version, known, found)
            return version, None
        if not found["has_schema"]:
            await connection.execute(f"create schema {db.SCHEMA}")
        await connection.execute(MAKE_VERSIONS)
        version = found["by_tables"]
        if version is None:
            return None, None
        await connection.execute(KEEP_VERSION, version)
        return version, await _leave(connection, version)


async def read_version(connection: postgres.Connection) -> str | None:
    """The last migration that was run, None where none was."""
    rows = await connection.fetch(READ_VERSIONS)
    return max((str(row["version_num"]) for row in rows), default=None)


async def _refuse_foreign(connection: postgres.Connection, found: postgres.Row) -> None:
    schema, owner = found["foreign_schema"], found["foreign_owner"]
    if schema:
        me = await connection.fetchval("select current_user")
        raise SchemaUnfitError(
            f"schema {schema} belongs to {owner}: migrate as a login in that role, "
            f'or have it run "alter schema {schema} owner to {me}"'
        )
    if found["has_tables"] and not found["by_tables"]:
        raise SchemaUnfitError(
            f"schema {db.SCHEMA} or {db.SCHEMA}_api holds tables of something else, and nothing was changed: "
            "use a database of its own"
        )


def _refuse_unknown(version: str | None, known: Collection[str], found: postgres.Row) -> None:
    if version is None and found["has_tables"]:
        raise SchemaUnfitError(
            f"{VERSIONS} is empty and the tables are there, as in a copy of the schema alone: "
            "copy that row too, from the database that the tables come from"
        )
    if version is not None and version not in known:
        raise UnknownVersionError(
            f"the database is at version {version}, which this release does not know: a newer one has migrated it"
        )


async def _leave(connection: postgres.Connection, version: str) -> str | None:
    """Take our row out of the table it was kept in, and drop the table where nothing else is in it.

    Other programs may keep their own versions in that table, and name them as we do. Our row is the one that says what
    our tables are; where two tables hold such a row, both stay as they are.
    """
    holders = []
    for table in await connection.fetch(OTHER_VERSIONS):
        rows = await connection.fetch(f"select version_num from {table['name']}")  # noqa: S608 -- quoted by Postgres
        if version in {row["version_num"] for row in rows}:
            holders.append((table, len(rows)))
    if len(holders) != 1:
        return None
    (table, rows_held) = holders[0]
    if rows_held == 1 and table["has_our_owner"]:
        await connection.execute(f"drop table {table['name']}")
    else:
        await connection.execute(f"delete from {table['name']} where version_num = $1", version)  # noqa: S608
    return str(table["schema"])
