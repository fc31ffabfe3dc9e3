"""A database whose clock can be set while everything runs, as after a failover or on a virtual machine.

Statements of ours read the time by one function of the server. In the database it gets a stand-in of the same name,
which adds an amount of its own. It needs a superuser and no package of the system. Sessions that began before the
stand-in was there go on by the true clock, so it is installed before workers start. The server itself keeps its
clock: what it dates in its own views, and its timeouts, are as they were; a test of those sets other dates.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

INSTALL = """
    create schema clock;
    create table clock.setting (ahead interval not null);
    insert into clock.setting values (interval '0');
    grant usage on schema clock to public;
    grant select on clock.setting to public;
    alter function pg_catalog.clock_timestamp() rename to true_clock_timestamp;
    create function pg_catalog.clock_timestamp() returns timestamptz language sql volatile
    as $$ select pg_catalog.true_clock_timestamp() + (select ahead from clock.setting) $$;
"""
SET = "update clock.setting set ahead = make_interval(secs => $1)"
AHEAD = "select extract(epoch from ahead)::float8 from clock.setting"


async def install_clock(superuser_dsn: str) -> None:
    """Give this database a clock that can be set; until then it goes right."""
    async with _connected(superuser_dsn) as connection:
        await connection.execute(INSTALL)


async def set_clock(superuser_dsn: str, ahead: float) -> None:
    """From the next statement on the clock is so many seconds ahead of the true one; below zero behind it."""
    async with _connected(superuser_dsn) as connection:
        await connection.execute(SET, ahead)


async def clock_ahead(superuser_dsn: str) -> float:
    """The number of seconds that the clock is ahead of the true one."""
    async with _connected(superuser_dsn) as connection:
        return float(await connection.fetchval(AHEAD))


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()
