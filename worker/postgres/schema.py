"""Our schema before a migration: its owner, and the table that holds its version."""

from __future__ import annotations

from collections.abc import Collection

import db
from db import query
from worker import postgres

INSPECT = query("migrate/look")
OTHER_VERSIONS = query("migrate/other_versions")

VERSIONS = f"{db.SCHEMA}.{db.VERSION_TABLE}"
READ_VERSIONS = f"select version_num from {VERSIONS}"  # noqa: S608 -- names of our own
INSERT_VERSION = f"insert into {VERSIONS} values ($1)"  # noqa: S608
LOCK = "select pg_advisory_xact_lock($1)"
# Alembic creates the table with this statement.
CREATE_VERSIONS = f"""
create table {VERSIONS} (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num))
"""


class SchemaUnfitError(Exception):
    """The program may not migrate this schema; the text says what to do."""


class UnknownVersionError(Exception):
    """The database has a version that this release does not contain: a newer release has migrated it."""


async def prepare(connection: postgres.Connection, of_release: Collection[str]) -> tuple[str | None, str | None]:
    """Create the schema and its version table if they are missing.

    ``of_release`` are the versions of this release. Earlier releases had the version in another schema; then it moves
    to ours. Returns the version (None: no migration has run yet) and the schema that it came from (None: it did not
    move). Raises SchemaUnfitError and UnknownVersionError.
    """
    async with postgres.transaction(connection):
        await connection.execute(f"set local lock_timeout = '{postgres.BATCH_SETTINGS['lock_timeout']}'")
        await connection.execute(LOCK, db.MIGRATION_LOCK)
        found = await connection.fetchrow(INSPECT)
        assert found is not None  # noqa: S101 -- the query always returns one row
        await _refuse_foreign(connection, found)
        if found["has_versions"]:
            version = await read_version(connection)
            _refuse_unknown(version, of_release, found)
            return version, None
        if not found["has_schema"]:
            await connection.execute(f"create schema {db.SCHEMA}")
        await connection.execute(CREATE_VERSIONS)
        version = found["by_tables"]
        if version is None:
            return None, None
        await connection.execute(INSERT_VERSION, version)
        return version, await _leave(connection, version)


async def read_version(connection: postgres.Connection) -> str | None:
    """Read the version of the last migration; None if none has run."""
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
            f"schema {db.SCHEMA} or {db.SCHEMA}_api contains tables of another program, and nothing was changed: "
            "use a database of its own"
        )


def _refuse_unknown(version: str | None, of_release: Collection[str], found: postgres.Row) -> None:
    if version is None and found["has_tables"]:
        raise SchemaUnfitError(
            f"{VERSIONS} is empty but the tables exist, as in a copy without data: "
            "copy its row too, from the database that the tables come from"
        )
    if version is not None and version not in of_release:
        raise UnknownVersionError(
            f"the database is at version {version}, which this release does not know: a newer one has migrated it"
        )


async def _leave(connection: postgres.Connection, version: str) -> str | None:
    """Delete our row from the old version table, and drop the table if nothing else is in it.

    Other programs may store their own versions in that table, under the same names. Our row is the one with the version
    of our tables. If two tables contain such a row, both stay as they are.
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
