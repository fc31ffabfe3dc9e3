"""The only room that uses asyncpg: connections, and the meaning of their errors (``errors``)."""

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
from worker.postgres.errors import ServerError as ServerError
from worker.postgres.errors import UnreachedError as UnreachedError
from worker.postgres.errors import is_late as is_late
from worker.postgres.errors import is_made_here as is_made_here
from worker.postgres.errors import is_refusal as is_refusal
from worker.postgres.errors import refusal as refusal
from worker.postgres.errors import rejection as rejection
from worker.postgres.errors import shortcoming as shortcoming
from worker.postgres.opening import COMMAND_TIMEOUT, CONNECT_TIMEOUT, Session, open_session
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

# The server, or a pooler before it, accepts no new connection at the moment.
_ACCEPTS_NOBODY = (asyncpg.ProtocolViolationError, asyncpg.ObjectNotInPrerequisiteStateError)


async def connect(
    dsn: str | None = None, *, application_name: str, settings: Mapping[str, str] | None = None
) -> asyncpg.Connection[asyncpg.Record]:
    """Connect to ``dsn``, or by the ``PG*`` variables. These ``settings`` override all other sources of settings.

    Raises UnreachedError if there is no way to the server, and another of ``TROUBLE`` if it takes no writes. Raises
    SessionUnfitError if the session can't have a property that the guarantees need.
    """
    with _as_unreached():
        return await open_session(dsn, application_name, settings or {})


@contextmanager
def _as_unreached() -> Iterator[None]:
    try:
        yield
    except ssl.SSLError:
        raise
    except TimeoutError as error:
        raise UnreachedError(f"the server does not answer; {WHERE_TO_LOOK}") from error
    except gaierror as error:
        raise UnreachedError(f"the server's host name is unknown; {WHERE_TO_LOOK}") from error
    except (OSError, *_ACCEPTS_NOBODY) as error:
        raise UnreachedError(f"{' '.join(str(error).split())}; {WHERE_TO_LOOK}") from error


async def close(opened: asyncpg.Connection[asyncpg.Record] | Pool) -> None:
    """Close a connection or a pool within a second, in any state of it."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await opened.close()
    except TROUBLE:
        opened.terminate()


@asynccontextmanager
async def connected(
    dsn: str | None, *, application_name: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Connection]:
    """A connection for the length of the block. It has the arguments and errors of ``connect``."""
    connection = await connect(dsn, application_name=application_name, settings=settings)
    try:
        with _as_ended(partial(_has_ended, connection)):
            yield connection
    finally:
        await close(connection)


@asynccontextmanager
async def pool(dsn: str | None, *, application_name: str, size: int) -> AsyncIterator[Pool]:
    """Up to ``size`` connections for the small work beside the batches. Errors are those of ``connect``."""

    async def opening(*_: object, **__: object) -> asyncpg.Connection[asyncpg.Record]:
        return await connect(dsn, application_name=application_name, settings=BATCH_SETTINGS)

    with _as_unreached():
        async with asyncio.timeout(CONNECT_TIMEOUT):
            opened = await asyncpg.create_pool(min_size=1, max_size=size, connect=opening, connection_class=Session)
    try:
        yield opened
    finally:
        await close(opened)


@asynccontextmanager
async def borrowed(pool: Pool, patience: float = COMMAND_TIMEOUT) -> AsyncIterator[Connection]:
    """A connection of the pool for the length of the block, waited for ``patience`` seconds. Raises ``TROUBLE``."""
    with _as_ended(pool.is_closing):
        connection = await pool.acquire(timeout=patience)
    try:
        with _as_ended(partial(_has_ended, connection)):
            async with _terminated_on_cancel(connection):
                yield connection
    finally:
        await pool.release(connection, timeout=CLOSE_TIMEOUT)


@asynccontextmanager
async def transaction(
    connection: Connection, *, isolation: IsolationLevel = "read_committed", readonly: bool = False
) -> AsyncIterator[None]:
    """Run the block in a transaction: all of it counts, or nothing.

    Raises one of ``TROUBLE``, also if the outcome of the commit is unknown.
    """
    with _as_ended(partial(_has_ended, connection)):
        block = connection.transaction(isolation=isolation, readonly=readonly)
        await block.start()
        try:
            async with _terminated_on_cancel(connection):
                yield
        except BaseException as error:
            if not _has_ended(connection):
                await _roll_back(connection, block, error)
            raise
        async with _terminated_on_cancel(connection):
            await block.commit()


async def _roll_back(connection: Connection, block: asyncpg.transaction.Transaction, error: BaseException) -> None:
    """Roll back, or end the connection if it takes no statement any more: the server then rolls back.

    ``error`` ended the block. It is the reason, so no error of the rollback may stand in its place. A wrong call leaves
    the connection as it is, since its end would make the call look like trouble.
    """
    try:
        await block.rollback()
    except asyncpg.InterfaceError:
        if not isinstance(error, asyncpg.InterfaceError):
            connection.terminate()


@contextmanager
def _as_ended(has_ended: Callable[[], bool]) -> Iterator[None]:
    """Raise ConnectionEndedError in place of the client's InterfaceError, if the connection or the pool has ended.

    The client raises the same class for a wrong call. That is a bug of this program, and passes unchanged.
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
    except asyncpg.InterfaceError:  # the pool has taken the connection back, as it does when one has ended
        return True


@asynccontextmanager
async def _terminated_on_cancel(connection: Connection) -> AsyncIterator[None]:
    """Terminate the connection if the block is cancelled or times out.

    By itself asyncpg would open a second connection to cancel the statement, and wait for both without a deadline. On a
    silent network it would wait for ever.
    """
    try:
        yield
    except (TimeoutError, asyncio.CancelledError):
        connection.terminate()
        raise


async def listen(connection: Connection, channel: str, on_notice: Callable[[], None]) -> None:
    """Call ``on_notice`` for every notification on the channel, and when the connection has ended."""

    def call(*_: object) -> None:
        on_notice()

    connection.add_termination_listener(call)
    await connection.add_listener(channel, call)
