"""Migrations on a real Postgres."""

import asyncio

import asyncpg
import pytest

from tests.db.schema import FILE, dump
from tests.support.command import salesplan_on
from tests.support.servers import PostgresServer


def test_the_migrations_make_the_schema_that_is_checked_in(database_url: str) -> None:
    """After a migration, `make schema` brings ``db/schema.sql`` up to date, so that a review sees what changed."""
    assert dump(database_url) == FILE.read_text(encoding="utf-8")


async def test_several_migrate_at_once_and_again(postgres_server: PostgresServer) -> None:
    """The first of them migrates, the others wait for it; `salesplan migrate` is harmless when repeated."""
    connection = await asyncpg.connect(postgres_server.dsn("postgres"))
    dsn = postgres_server.dsn("migrated_by_many")
    try:
        await connection.execute("create database migrated_by_many")
        for _ in range(2):
            done = await asyncio.gather(*(salesplan_on(dsn, "migrate") for _ in range(3)))
            assert [each.code for each in done] == [0, 0, 0], done
            assert dump(dsn) == FILE.read_text(encoding="utf-8")
    finally:
        await connection.execute("drop database if exists migrated_by_many with (force)")
        await connection.close()


async def test_an_lgt_is_in_one_plan_of_its_account(database_url: str) -> None:
    """The database itself refuses the second plan, whatever a program may have overlooked."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            """
            insert into salesplan.plan (account_id, plan_id, version, archived, roster, book_revision)
            values ('acme', 'one', 1, false, '{}', 1), ('acme', 'two', 1, false, '{}', 1)
            """
        )
        one, two = [row[0] for row in await connection.fetch("select plan_no from salesplan.plan order by plan_no")]
        give = "insert into salesplan.plan_lgt (account_id, lgt_id, plan_no) values ('acme', 'landing-7', $1)"
        await connection.execute(give, one)
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(give, two)
    finally:
        await connection.close()
