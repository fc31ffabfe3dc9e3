"""The one room that knows asyncpg: connections, and which of their errors mean what (``errors``)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from socket import gaierror

import asyncpg

from worker.postgres.errors import DENIED as DENIED
from worker.postgres.errors import OURS as OURS
from worker.postgres.errors import REFUSED as REFUSED
from worker.postgres.errors import REJECTED as REJECTED
from worker.postgres.errors import RETRY as RETRY
from worker.postgres.errors import TROUBLE as TROUBLE
from worker.postgres.errors import UNMIGRATED as UNMIGRATED
from worker.postgres.errors import ConnectionEndedError as ConnectionEndedError
from worker.postgres.errors import NobodysFaultError as NobodysFaultError
from worker.postgres.errors import RefusedError as RefusedError
from worker.postgres.errors import UnreachedError as UnreachedError
from worker.postgres.errors import is_late as is_late
from worker.postgres.errors import is_made_here as is_made_here
from worker.postgres.errors import is_refusal as is_refusal
from worker.postgres.errors import refusal as refusal
from worker.postgres.errors import rejection as rejection
from worker.postgres.errors import shortcoming as shortcoming
from worker.postgres.opening import COMMAND_TIMEOUT, CONNECT_TIMEOUT, Session, begun
from worker.postgres.remedies import CONNECTIONS as CONNECTIONS
from worker.postgres.remedies import remedy as remedy
from worker.postgres.sessions import BATCH_SETTINGS as BATCH_SETTINGS
from worker.postgres.sessions import INDEX_ONLY as INDEX_ONLY
from worker.postgres.types import Connection as Connection
from worker.postgres.types import IsolationLevel as IsolationLevel
from worker.postgres.types import Pool as Pool
from worker.postgres.types import Row as Row

CLOSE_TIMEOUT = 1.0

WHERE_TO_LOOK = "see host and port in DATABASE_URL, or PGHOST and PGPORT"

# At the door: the server, or a pooler before it, lets nobody in there just now.
_SHUT = (asyncpg.ProtocolViolationError, asyncpg.ObjectNotInPrerequisiteStateError)


async def connect(
    dsn: str | None = None, *, application_name: str, settings: Mapping[str, str] | None = None
) -> asyncpg.Connection[asyncpg.Record]:
    """A connection to ``dsn``, or to where the ``PG*`` variables point, with these settings whatever else sets them.

    Raises UnreachedError where there is no way to the server, another of ``TROUBLE`` where it takes no writes, and
    SessionUnfitError where the session can't be what is needed.
    """
    with _reaching():
        return await begun(dsn, application_name, settings or {})


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except ssl.SSLError:
        raise
    except TimeoutError as error:
        raise UnreachedError(f"the server does not answer; {WHERE_TO_LOOK}") from error
    except gaierror as error:
        raise UnreachedError(f"the server's name is not known; {WHERE_TO_LOOK}") from error
    except (OSError, *_SHUT) as error:
        raise UnreachedError(f"{' '.join(str(error).split())}; {WHERE_TO_LOOK}") from error


async def close(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Close within a second, whatever state the connection is in."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await connection.close()
    except TROUBLE:
        connection.terminate()


@asynccontextmanager
async def connected(
    dsn: str | None, *, application_name: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Connection]:
    """A connection for the length of the block; arguments and errors as for ``connect``."""
    connection = await connect(dsn, application_name=application_name, settings=settings)
    try:
        with _ending(partial(_has_ended, connection)):
            yield connection
    finally:
        await close(connection)


@asynccontextmanager
async def pool(dsn: str | None, *, application_name: str, size: int) -> AsyncIterator[Pool]:
    """Up to ``size`` connections for the small work beside the batches; errors as for ``connect``."""

    async def opening(*_: object, **__: object) -> asyncpg.Connection[asyncpg.Record]:
        return await connect(dsn, application_name=application_name, settings=BATCH_SETTINGS)

    with _reaching():
        async with asyncio.timeout(CONNECT_TIMEOUT):
            opened = await asyncpg.create_pool(min_size=1, max_size=size, connect=opening, connection_class=Session)
    try:
        yield opened
    finally:
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await opened.close()
        except TROUBLE:
            opened.terminate()


@asynccontextmanager
async def borrowed(pool: Pool, patience: float = COMMAND_TIMEOUT) -> AsyncIterator[Connection]:
    """A connection of the pool for the length of the block, waited for ``patience`` seconds. Raises ``TROUBLE``."""
    with _ending(pool.is_closing):
        connection = await pool.acquire(timeout=patience)
    try:
        with _ending(partial(_has_ended, connection)):
            async with _not_waited_for(connection):
                yield connection
    finally:
        await pool.release(connection, timeout=CLOSE_TIMEOUT)


@asynccontextmanager
async def transaction(
    connection: Connection, *, isolation: IsolationLevel = "read_committed", readonly: bool = False
) -> AsyncIterator[None]:
    """What the block does, or nothing of it. Raises one of ``TROUBLE`` also where nothing is known of the commit."""
    with _ending(partial(_has_ended, connection)):
        block = connection.transaction(isolation=isolation, readonly=readonly)
        await block.start()
        try:
            async with _not_waited_for(connection):
                yield
        except BaseException:
            if not _has_ended(connection):
                await block.rollback()
            raise
        async with _not_waited_for(connection):
            await block.commit()


@contextmanager
def _ending(has_ended: Callable[[], bool]) -> Iterator[None]:
    """Raises ConnectionEndedError in place of the client's InterfaceError, if the connection or the pool has ended.

    The client raises the same class for a wrong call, which is a bug of this program and passes as it is.
    """
    try:
        yield
    except asyncpg.InterfaceError as error:
        if has_ended():
            raise ConnectionEndedError("the connection has ended") from error
        raise


def _has_ended(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has taken it back, as it does with each that has ended
        return True


@asynccontextmanager
async def _not_waited_for(connection: Connection) -> AsyncIterator[None]:
    """Ends the connection where the block is given up on.

    Left to itself, asyncpg would ask the server over a second connection to cancel the statement, and wait for both
    without a deadline: with a network that is silent, for ever.
    """
    try:
        yield
    except (TimeoutError, asyncio.CancelledError):
        connection.terminate()
        raise


async def listen(connection: Connection, channel: str, heard: Callable[[], None]) -> None:
    """Call ``heard`` for every notification on the channel, and when the connection has ended."""

    def tell(*_: object) -> None:
        heard()

    connection.add_termination_listener(tell)
    await connection.add_listener(channel, tell)
