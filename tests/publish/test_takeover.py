"""A worker publishes for others, and ends in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from worker import postgres
from worker.kafka.limits import Limits
from worker.log.reminders import Reminders
from worker.outbox import slots
from worker.postgres import Connection, Pool
from worker.publish import publisher as publishing
from worker.publish import takeover
from worker.run.measurements import Measurements
from worker.settings import Kafka, Settings
from worker.settings import Slot as Lease
from worker.stillness import Stillness

GROUP = "salesplan"
LEASE_SECONDS = 3
ABANDON = "update salesplan.slot set sequence = confirmed + 1, lease_until = '-infinity'"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with postgres.pool(database_url, application_name="sweeper", size=2) as opened:
        yield opened


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    async with postgres.borrowed(pool) as borrowed:
        yield borrowed


class SlowPublisher:
    """Never done with a slot, and slow to end when he is interrupted."""

    def __init__(self) -> None:
        self.publishing, self.ending = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def opened(self, *_: object, **__: object) -> AsyncIterator[None]:
        self.publishing.set()
        try:
            await asyncio.Event().wait()
            yield
        finally:
            self.ending.set()
            await asyncio.Event().wait()


async def sweep(pool: Pool, settings: Settings) -> None:
    """Take abandoned slots over, until it is cancelled."""
    await takeover.publish_abandoned(
        settings,
        pool,
        "sweeper",
        Measurements(settings).record_messages,
        limits=Limits(),
        reminders=Reminders(),
        stillness=Stillness(1),
    )


async def test_p10_who_is_stopped_while_he_loses_a_slot_stops(
    pool: Pool, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He did not: told only of the loss, he went on with the next slot, and his session waited for ever."""
    publisher = SlowPublisher()
    monkeypatch.setattr(takeover, "open_publisher", publisher.opened)
    settings = Settings(
        kafka=Kafka(bootstrap_servers="nobody:9092", group_id=GROUP), slot=Lease(lease_seconds=LEASE_SECONDS)
    )
    await slots.lease(connection, GROUP, "gone", LEASE_SECONDS)
    await connection.execute(ABANDON)
    sweeping = asyncio.create_task(sweep(pool, settings))
    await publisher.publishing.wait()
    await connection.execute(ABANDON)
    assert await slots.lease_abandoned(connection, GROUP, "successor", 60, stillness=Stillness(1), limits={})
    await publisher.ending.wait()
    sweeping.cancel()
    done, _ = await asyncio.wait({sweeping}, timeout=10)
    assert done


async def test_a_wrong_call_of_the_database_is_no_trouble_of_a_slot_s(
    pool: Pool, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was: the same slot was taken over again every second, with nothing told but the class."""
    monkeypatch.setattr(publishing, "READ_OUTBOX", "select 1")
    settings = Settings(kafka=Kafka(bootstrap_servers="nobody:9092", group_id=GROUP))
    await slots.lease(connection, GROUP, "gone", LEASE_SECONDS)
    await connection.execute(ABANDON)
    with pytest.raises(ExceptionGroup) as raised:
        async with asyncio.timeout(10):
            await sweep(pool, settings)
    assert raised.group_contains(asyncpg.InterfaceError)
