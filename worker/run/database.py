"""A worker's connections to Postgres, and the part of its health that depends on them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from worker import postgres
from worker.failures import waited_out
from worker.run.health import Health
from worker.settings import Settings

POOLED = postgres.CONNECTIONS - 2  # of the other two, one writes batches and one listens


@asynccontextmanager
async def open_connections(
    settings: Settings, health: Health
) -> AsyncIterator[tuple[postgres.Connection, postgres.Pool]]:
    """Open the connection that writes batches, and a pool for the work beside it.

    The worker opens them before it asks Kafka anything. So the health checks show the state of Postgres even while
    Kafka is away.
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


async def probe(settings: Settings, health: Health) -> None:
    """Check that Postgres answers.

    The worker calls this while Kafka lets no session begin, since nothing else checks then.
    """
    with waited_out():
        async with open_connections(settings, health):
            pass
