"""The standby that the fault tests promote does what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg
import pytest

from tests.faults.standby import Standby, wait_for_standby
from worker.embedded import Postgres

SILENCE = 0.5  # that shows that no answer comes
SOON = 20.0


async def test_a_standby_takes_the_place_of_its_primary(
    own_postgres: Callable[[], Postgres], standby: Callable[[Postgres], Standby]
) -> None:
    """It has all that was answered; and while it is away nothing is."""
    primary = await asyncio.to_thread(own_postgres)
    second = await asyncio.to_thread(standby, primary)
    await asyncio.to_thread(wait_for_standby, primary)
    connection = await asyncpg.connect(primary.dsn())
    await connection.execute("create table kept as select 1 as value")

    await asyncio.to_thread(second.stop)
    writing = asyncio.create_task(connection.execute("insert into kept values (2)"))
    assert not (await asyncio.wait([writing], timeout=SILENCE))[0]
    await asyncio.to_thread(second.restart)
    await asyncio.wait_for(writing, SOON)

    await asyncio.to_thread(primary.kill)
    connection.terminate()
    reading = await asyncpg.connect(second.dsn())
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await reading.execute("insert into kept values (3)")
    await asyncio.to_thread(second.promote)
    await reading.execute("insert into kept values (3)")
    assert await reading.fetchval("select array_agg(value order by value) from kept") == [1, 2, 3]
    await reading.close()
