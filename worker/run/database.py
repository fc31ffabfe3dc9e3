"""A worker's connections to Postgres, and how its health tells of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from worker import postgres
from worker.failures import waited_out
from worker.run.health import Health
from worker.settings import Settings

POOLED = postgres.CONNECTIONS - 2  # one more writes batches, and one listens


@asynccontextmanager
async def opened(settings: Settings, health: Health) -> AsyncIterator[tuple[postgres.Connection, postgres.Pool]]:
    """The connection that batches are written over, and others for what is beside them.

    Opened before Kafka is asked anything: so the checks that hang on Postgres tell of Postgres, whichever is away.
    """
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(
                postgres.connected(settings.dsn, application_name="salesplan-batches", settings=postgres.BATCH_SETTINGS)
            )
            pool = await stack.enter_async_context(
                postgres.pool(settings.dsn, application_name="salesplan", size=POOLED)
            )
        except BaseException:
            health.database = health.plans = False
            raise
        health.database = True
        yield connection, pool


async def look(settings: Settings, health: Health) -> None:
    """Tell health whether Postgres is there, while Kafka lets no session begin and nobody else looks."""
    with waited_out():
        async with opened(settings, health):
            pass
