"""Waits until somebody waits for a lock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker import postgres
from worker.postgres import Connection

BLOCKED = "select count(distinct pid) from pg_locks where not granted"


@asynccontextmanager
async def all_blocked(dsn: str, lock: str, waiting: int) -> AsyncIterator[None]:
    """Hold what ``lock`` locks until so many others wait for a lock; they go on when the block is left."""
    async with (
        postgres.connected(dsn, application_name="holder") as holder,
        postgres.connected(dsn, application_name="watcher") as watcher,
    ):
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute(lock)
        yield
        await until_blocked(watcher, waiting)
        await transaction.rollback()


async def until_blocked(watcher: postgres.Connection, count: int) -> None:
    async with asyncio.timeout(10):
        while await watcher.fetchval(BLOCKED) < count:  # noqa: ASYNC110 -- the database has no event for it
            await asyncio.sleep(0.005)


async def is_blocked(connection: Connection, by: Connection) -> None:
    """Waits until the second connection's statement waits for a lock."""
    pid = by.get_server_pid()
    for _ in range(500):
        if await connection.fetchval("select cardinality(pg_blocking_pids($1)) > 0", pid):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")
