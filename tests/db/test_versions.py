"""Where the database's version is kept, whatever else lives in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager

import pytest

from tests.db.schema import FILE, dsn_name, dump, newest
from tests.support.command import Result, salesplan_on
from tests.support.logins import Login, login
from worker import postgres

OURS = "select version_num from salesplan.alembic_version"
THEIRS = "select version_num from public.alembic_version order by 1"
EXISTS = "select to_regclass($1) is not null"
# As another program's Alembic makes it.
OF_ANOTHER = """
create table {schema}.alembic_version (version_num varchar(32) constraint alembic_version_pkc primary key);
insert into {schema}.alembic_version values ('{version}');
"""
# Where the path leads here first, this is what a name of Postgres' own means.
ASTRAY = """
create function {schema}.format(text, name, name) returns text language sql return 'nowhere.at_all';
"""


async def migrate(dsn: str, release: Mapping[str, str] | None = None) -> Result:
    return await salesplan_on(dsn, "migrate", **(release or {}))


async def migrated(dsn: str) -> str:
    """The report about a database that it has migrated."""
    result = await migrate(dsn)
    assert result.code == 0, result.err
    return result.err.removeprefix("The database is up to date: ").removesuffix(".\n")


async def refused(dsn: str) -> str:
    """Exit 78 and one line."""
    result = await migrate(dsn)
    assert (result.code, result.err.count("\n")) == (78, 1), result.err
    return result.err


async def test_it_says_in_one_line_what_it_did(empty_database: str) -> None:
    """Made; and the second time, nothing."""
    assert await migrated(empty_database) == f"made, at {newest()}"
    assert await migrated(empty_database) == f"at {newest()}, nothing was to be done"
    async with connected(empty_database) as connection:
        assert not await connection.fetchval(EXISTS, "public.alembic_version")


async def test_the_version_of_the_release_before_is_moved(empty_database: str, before: Mapping[str, str]) -> None:
    """Nothing is left in schema public; what migrations make is what they make of an empty database."""
    assert (await migrate(empty_database, before)).code == 0
    assert await migrated(empty_database) == (
        f"migrated from 0005 to {newest()}; its version moved from schema public to salesplan"
    )
    async with connected(empty_database) as connection:
        assert not await connection.fetchval(EXISTS, "public.alembic_version")
    # Rights come in the order in which they were given.
    assert sorted(dump(empty_database).splitlines()) == sorted(FILE.read_text(encoding="utf-8").splitlines())


async def test_the_release_before_migrates_after_this_one_and_does_no_harm(
    empty_database: str, before: Mapping[str, str]
) -> None:
    """It fails at the first thing it would make, and undoes all of it."""
    await migrated(empty_database)
    async with connected(empty_database) as connection:
        assert (await migrate(empty_database, before)).code != 0
        assert await connection.fetchval(OURS) == newest()
    assert await migrated(empty_database) == f"at {newest()}, nothing was to be done"
    assert dump(empty_database) == FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("theirs", ["b2c5e9d1f4a7", "0005", "0001"])
async def test_another_program_was_there_first(empty_database: str, theirs: str) -> None:
    """Its version is no version of ours, however it is called."""
    async with connected(empty_database) as connection:
        await connection.execute(OF_ANOTHER.format(schema="public", version=theirs))
        assert await migrated(empty_database) == f"made, at {newest()}"
        assert await connection.fetchval(THEIRS) == theirs
        assert await connection.fetchval(OURS) == newest()


@pytest.mark.parametrize("theirs", ["b2c5e9d1f4a7", "0003"])
async def test_both_programs_versions_are_in_one_table(
    empty_database: str, before: Mapping[str, str], theirs: str
) -> None:
    """Ours goes, and theirs stays."""
    assert (await migrate(empty_database, before)).code == 0
    async with connected(empty_database) as connection:
        await connection.execute("insert into public.alembic_version values ($1)", theirs)
        assert "its version moved from schema public" in await migrated(empty_database)
        assert [row[0] for row in await connection.fetch(THEIRS)] == [theirs]


async def test_another_program_has_replaced_our_version(empty_database: str, before: Mapping[str, str]) -> None:
    """The tables tell how far they were migrated."""
    assert (await migrate(empty_database, before)).code == 0
    async with connected(empty_database) as connection:
        await connection.execute("update public.alembic_version set version_num = 'b2c5e9d1f4a7'")
        assert await migrated(empty_database) == f"migrated from 0005 to {newest()}"
        assert await connection.fetchval(THEIRS) == "b2c5e9d1f4a7"


async def test_two_tables_may_hold_our_version(empty_database: str, before: Mapping[str, str]) -> None:
    """Nobody knows which is ours, so both stay."""
    assert (await migrate(empty_database, before)).code == 0
    async with connected(empty_database) as connection:
        await connection.execute("create schema shop")
        await connection.execute(OF_ANOTHER.format(schema="shop", version="0005"))
        assert await migrated(empty_database) == f"migrated from 0005 to {newest()}"
        assert await connection.fetchval(THEIRS) == "0005"
        assert await connection.fetchval("select version_num from shop.alembic_version") == "0005"


@pytest.fixture
async def owner(empty_database: str) -> AsyncIterator[Login]:
    """Somebody who may create schemas in the database, and roles."""
    async with login(empty_database) as who, connected(empty_database) as admin:
        await admin.execute(f"alter role {who.name} createrole")
        await admin.execute(f"grant create on database {dsn_name(empty_database)} to {who.name}")
        await admin.execute(f"grant all on schema public to {who.name}")
        yield who
        await admin.execute(f"reassign owned by {who.name} to current_user")


@pytest.mark.parametrize("own_schema", [False, True])
async def test_search_path_plays_no_role(
    empty_database: str, owner: Login, before: Mapping[str, str], own_schema: bool
) -> None:
    """Wherever the release before has put the version, it is moved; and the login's path leads nothing astray."""
    schema = owner.name if own_schema else "astray"
    async with connected(empty_database) as admin:
        await admin.execute(f"create schema {schema} authorization {owner.name}")
        if not own_schema:
            await admin.execute(f"alter role {owner.name} set search_path = astray, pg_catalog")
        assert (await migrate(owner.dsn, before)).code == 0
        assert await admin.fetchval(EXISTS, f"{schema}.alembic_version")
        await admin.execute(ASTRAY.format(schema=schema))
        assert await migrated(owner.dsn) == (
            f"migrated from 0005 to {newest()}; its version moved from schema {schema} to salesplan"
        )
        assert await migrated(owner.dsn) == f"at {newest()}, nothing was to be done"
        assert not await admin.fetchval(EXISTS, f"{schema}.alembic_version")


async def test_schemas_that_an_administrator_has_made(empty_database: str, owner: Login) -> None:
    """The owner of the schemas may migrate without the right to create any."""
    async with connected(empty_database) as admin:
        await admin.execute(f"revoke create on database {dsn_name(empty_database)} from {owner.name}")
        assert "permission denied for database" in await refused(owner.dsn)
        for schema in ("salesplan", "salesplan_api"):
            await admin.execute(f"create schema {schema}")
            told = await refused(owner.dsn)
            assert f"schema {schema} belongs to " in told
            await admin.execute(told.partition('"')[2].partition('"')[0])
        assert await migrated(owner.dsn) == f"made, at {newest()}"


@pytest.mark.parametrize("schema", ["salesplan", "salesplan_api"])
async def test_a_schema_of_something_else_is_left_alone(empty_database: str, schema: str) -> None:
    """Somebody else's tables, of the same names as ours."""
    async with connected(empty_database) as connection:
        await connection.execute(f"create schema {schema}; create table {schema}.plans (mine integer)")
        assert "contains tables of another program, and nothing was changed" in await refused(empty_database)
        assert not await connection.fetchval(EXISTS, "salesplan.alembic_version")


async def test_a_newer_release_has_migrated_the_database(database_url: str) -> None:
    """Its database serves this one: nothing is done, and it is said in place of what Alembic says."""
    async with connected(database_url) as connection:
        await connection.execute("update salesplan.alembic_version set version_num = '9999'")
    result = await migrate(database_url)
    said = "The database is of a newer release and has all that this one needs; nothing was changed.\n"
    assert (result.code, result.err) == (0, said)


async def test_a_copy_of_the_schema_alone(database_url: str) -> None:
    """Nothing tells of which version the tables are."""
    async with connected(database_url) as connection:
        await connection.execute("delete from salesplan.alembic_version")
    assert "salesplan.alembic_version is empty but the tables exist" in await refused(database_url)


def connected(dsn: str) -> AbstractAsyncContextManager[postgres.Connection]:
    return postgres.connected(dsn, application_name="test")
