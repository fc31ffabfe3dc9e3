"""The one module that knows asyncpg: connections, and which of their errors mean what."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from socket import gaierror
from typing import Literal, TypeAlias

import asyncpg
from asyncpg.connect_utils import SessionAttribute

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Row: TypeAlias = asyncpg.Record
IsolationLevel: TypeAlias = Literal["read_committed", "repeatable_read"]

# A statement that takes longer has met something that is not load. The server's own limits are shorter than the
# client's, so that a lock never outlives the interest in it.
COMMAND_TIMEOUT = 15.0
CONNECT_TIMEOUT = 10.0
CLOSE_TIMEOUT = 1.0

# Statements take arrays of keys into tables that grow fast: always walk the index, and plan at the size of now. A plan
# kept from when a table was small scans it, or joins it the wrong way round, when it is large. A bitmap loses the
# index's order, by which counters are found past old versions (lock_counters.sql): with an old snapshot open,
# statistics tell of few rows in many pages, and one would be chosen.
INDEX_ONLY: Mapping[str, str] = {
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}

# For connections that write batches: locks of a frozen or vanished worker are gone within ten seconds.
BATCH_SETTINGS: Mapping[str, str] = {
    "synchronous_commit": "on",
    "lock_timeout": "3s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "5s",
    "transaction_timeout": "10s",
    "client_connection_check_interval": "2s",
    "tcp_user_timeout": "8s",
    **INDEX_ONLY,
}

# The batch is known to be undone and may be tried again as it is.
RETRY = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)

# What the database refuses for its values (classes 22 and 23): the batch is undone.
REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
RefusedError: TypeAlias = asyncpg.DataError | asyncpg.IntegrityConstraintViolationError

# Of these no record is ever to blame. Every key, check and not-null column that a batch can violate holds a value that
# this program has made: numbers of plans, of arrivals and of outbox rows, counts, leads that are not assigned yet.
# Sequences and integers are ours as well: no number of a record is stored.
OURS = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SequenceGeneratorLimitExceededError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.InvalidBinaryRepresentationError,
)

# The server or the way to it: nothing is known of what was under way. The client's own errors are among them since a
# statement on a connection that has just died, or on a pool that closes, ends in one of those.
TROUBLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InternalClientError,
    asyncpg.InterfaceError,
)

WHERE_TO_LOOK = "see host and port in DATABASE_URL, or PGHOST and PGPORT"


class UnreachedError(ConnectionError):
    """There was no way to the server, in words that say where to look."""


# The right to do it is missing: not waited out, since somebody has to grant it.
DENIED = (asyncpg.InsufficientPrivilegeError,)

# There is an answer, and it stays the same until somebody mends the configuration, the login or its grants. Most are
# among ``TROUBLE`` too: whoever was let in once waits, since a password may be on its way to being changed.
REJECTED = (
    *DENIED,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.ClientConfigurationError,
    ssl.SSLCertVerificationError,
)


def rejection(error: BaseException) -> str:
    """What one of ``REJECTED`` says, in a line, and where to mend it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = error.verify_message.removesuffix(".")
        return f"the server's certificate is refused: {fault}; see sslmode, sslrootcert and the host in DATABASE_URL"
    text = " ".join(str(error).split())
    if isinstance(error, DENIED):
        return f"{text}; which role has which rights: db/README.md"
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"{text}; see user and password in DATABASE_URL, or PGUSER and PGPASSWORD"
    return text


def may_blame_a_record(error: RefusedError) -> bool:
    """Whether a record's value can be what the database refuses.

    The client raises the same class for arguments that it can't encode. Those are ours, and carry no severity.
    """
    return error.severity is not None and not isinstance(error, OURS)


def refusal(error: RefusedError) -> str:
    """The state, and the constraint if there is one. Never the server's text, which may quote a lead."""
    return ", ".join(filter(None, (error.sqlstate, error.constraint_name)))


def is_refusal(name: str) -> bool:
    """Whether this is what an error of ``REFUSED`` is called; dead letters of earlier releases name any of them."""
    error = getattr(asyncpg, name, None)
    return isinstance(error, type) and issubclass(error, REFUSED)


async def connect(
    dsn: str | None = None, *, application_name: str, settings: Mapping[str, str] | None = None
) -> asyncpg.Connection[asyncpg.Record]:
    """A connection to ``dsn``, or to where the ``PG*`` variables point.

    Raises UnreachedError where there is no way to the server, another of ``TROUBLE`` where it takes no writes.
    """
    with _reaching():
        return await asyncpg.connect(
            dsn,
            timeout=CONNECT_TIMEOUT,
            command_timeout=COMMAND_TIMEOUT,
            target_session_attrs=SessionAttribute.read_write,
            server_settings={"application_name": application_name, "timezone": "UTC", **(settings or {})},
        )


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
    except OSError as error:
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
        yield connection
    finally:
        await close(connection)


@asynccontextmanager
async def pool(dsn: str | None, *, application_name: str, size: int) -> AsyncIterator[Pool]:
    """Up to ``size`` connections for the small work beside the batches; errors as for ``connect``."""
    with _reaching():
        async with asyncio.timeout(CONNECT_TIMEOUT):
            opened = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=size,
                timeout=CONNECT_TIMEOUT,
                command_timeout=COMMAND_TIMEOUT,
                target_session_attrs=SessionAttribute.read_write,
                server_settings={"application_name": application_name, "timezone": "UTC", **BATCH_SETTINGS},
            )
    try:
        yield opened
    finally:
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await opened.close()
        except TROUBLE:
            opened.terminate()


@asynccontextmanager
async def borrowed(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool for the length of the block. Raises one of ``TROUBLE``."""
    connection = await pool.acquire(timeout=COMMAND_TIMEOUT)
    try:
        async with _not_waited_for(connection):
            yield connection
    finally:
        await pool.release(connection, timeout=CLOSE_TIMEOUT)


@asynccontextmanager
async def transaction(
    connection: Connection, *, isolation: IsolationLevel = "read_committed", readonly: bool = False
) -> AsyncIterator[None]:
    """What the block does, or nothing of it. Raises one of ``TROUBLE`` also where nothing is known of the commit."""
    block = connection.transaction(isolation=isolation, readonly=readonly)
    await block.start()
    try:
        async with _not_waited_for(connection):
            yield
    except BaseException:
        if not connection.is_closed():
            await block.rollback()
        raise
    async with _not_waited_for(connection):
        await block.commit()


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
