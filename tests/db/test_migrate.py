"""`salesplan migrate` while tables are in use."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import pytest
from asyncpg import RaiseError

from tests.stage.stage import DEADLINE, LOOK_PAUSE
from worker import postgres
from worker.postgres import migrate as migrations
from worker.postgres.migrate import InTheWayError, migrate

READ = "select from salesplan.plan_counter"
WAITING = """
    select from pg_stat_activity
    where application_name = 'salesplan-migrate' and datname = current_database() and wait_event_type = 'Lock'
"""
VERSION = "select version_num from salesplan.alembic_version"
HAS_ERA = "select from pg_attribute where attrelid = 'salesplan.plan_counter'::regclass and attname = 'era'"
REFUSES_0003 = """
    create schema salesplan;
    create table salesplan.alembic_version (version_num varchar(32) constraint alembic_version_pkc primary key);
    create function public.refuse() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$;
    create trigger refuse before update on salesplan.alembic_version
    for each row when (new.version_num = '0003') execute function public.refuse();
"""


@pytest.fixture
async def at_0002(empty_database: str) -> str:
    """A database at the second migration, by making the third fail. That one wants the counters for itself."""
    async with connected(empty_database) as connection:
        await connection.execute(REFUSES_0003)
        with pytest.raises(RaiseError, match="not this one"):
            await asyncio.to_thread(migrate, empty_database)
        await connection.execute("drop function public.refuse cascade")
    return empty_database


async def test_a_long_reader_is_waited_for_and_workers_are_let_past(at_0002: str) -> None:
    """The migration gives way before a batch would lose patience, and tries again until the reader is gone."""
    async with connected(at_0002) as reader, connected(at_0002, postgres.BATCH_SETTINGS) as worker:
        before = await worker.fetchval(VERSION)
        async with asyncio.TaskGroup() as tasks, postgres.transaction(reader):
            await reader.execute(READ)
            tasks.create_task(asyncio.to_thread(migrate, at_0002))
            for _ in range(2):
                await until_waiting(worker)
                await worker.execute(READ)  # raises where its lock_timeout runs out
        assert await worker.fetchval(VERSION) != before


async def test_who_is_in_the_way_is_named(at_0002: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After all tries it says whom to wait for, and nothing was changed."""
    monkeypatch.setattr(migrations, "TRIES", 1)
    async with connected(at_0002) as reader, postgres.transaction(reader):
        await reader.execute(READ)
        before = await reader.fetchval(VERSION)
        with pytest.raises(InTheWayError, match=rf"by process {reader.get_server_pid()} \(test\); end it"):
            await asyncio.to_thread(migrate, at_0002)
        assert await reader.fetchval(VERSION) == before


async def test_what_a_migration_makes_and_its_version_are_one(at_0002: str) -> None:
    """The third of a run could not write down its version: nothing of it is there, and the two before it stay."""
    async with connected(at_0002) as connection:
        assert await connection.fetchval(VERSION) == "0002"
        assert not await connection.fetch(HAS_ERA)


def connected(dsn: str, settings: Mapping[str, str] | None = None) -> AbstractAsyncContextManager[postgres.Connection]:
    return postgres.connected(dsn, application_name="test", settings=settings)


async def until_waiting(connection: postgres.Connection) -> None:
    """Until the migration waits for a lock."""
    async with asyncio.timeout(DEADLINE):
        while not await connection.fetch(WAITING):  # noqa: ASYNC110 -- nothing tells of it
            await asyncio.sleep(LOOK_PAUSE)
