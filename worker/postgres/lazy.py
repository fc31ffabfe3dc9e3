"""A pool that connects when it is first asked, for pages: they answer while the database is away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import asyncpg

from worker import postgres
from worker.postgres.opening import Session

IDLE_SECONDS = 60.0  # after which a connection that nobody uses is closed


@asynccontextmanager
async def lazy_pool(
    dsn: Callable[[], str | None],
    *,
    application_name: str,
    size: int,
    settings: Mapping[str, str],
    judge: Callable[[postgres.Connection], Awaitable[None]],
    on_return: str,
) -> AsyncIterator[postgres.Pool]:
    """Up to ``size`` connections, none at first; ``dsn`` is asked for each.

    ``judge`` sees every new connection first, and raises an error if the connection is unfit. ``on_return`` is the
    statement that the server gets each time a connection returns to the pool.
    """

    async def opening(*_: object, **__: object) -> Session:
        connection = await postgres.connect(dsn(), application_name=application_name, settings=settings)
        assert isinstance(connection, Session)  # noqa: S101 -- no other class is opened
        try:
            await judge(connection)
        except BaseException:
            connection.terminate()
            raise
        connection.on_return = on_return
        return connection

    opened = await asyncpg.create_pool(
        min_size=0,
        max_size=size,
        max_inactive_connection_lifetime=IDLE_SECONDS,
        connect=opening,
        connection_class=Session,
    )
    try:
        yield opened
    finally:
        await postgres.close(opened)
