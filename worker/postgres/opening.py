"""Opens a connection: to a host that takes writes, with a session that is what the guarantees need."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from db import query
from worker.postgres import sessions
from worker.postgres.sessions import SessionUnfitError

TAKES_NO_WRITES = query("sessions/takes_no_writes")

# A statement that takes longer has met something that is not load. The server's own limits are shorter than the
# client's, so that a lock never outlives the interest in it.
COMMAND_TIMEOUT = 15.0
CONNECT_TIMEOUT = 10.0

# A statement that was prepared is not there, or one is that was not prepared: another server process answers.
OF_ANOTHER_PROCESS = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)

# A setting that can't be set as it has to be.
OVERRULED = (
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InvalidParameterValueError,
    asyncpg.CantChangeRuntimeParamError,
)


# The server knows no versions of collations: they came with PostgreSQL 15.
TOO_OLD = (asyncpg.UndefinedColumnError, asyncpg.UndefinedFunctionError)


# Seconds of silence, seconds between probes, and how many go unanswered until the connection is given up.
KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}


class Session(asyncpg.Connection[asyncpg.Record] if TYPE_CHECKING else asyncpg.Connection):  # type: ignore[misc]
    """A connection that a pool takes back as it is.

    ``RESET ALL`` would give it the settings of its login, or a pooler's, in place of those that are required.
    ``on_return`` is what the server is told then: nothing, unless a pool says so.
    """

    on_return = ""

    def __init__(self, protocol: Any, transport: asyncio.Transport, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        _keep_alive(transport)

    def get_reset_query(self) -> str:
        """Sent when it is given back; asyncpg also rolls back what was left open."""
        return self.on_return


def _keep_alive(transport: asyncio.Transport) -> None:
    """Have the system send something while nothing is said, or a NAT between forgets the connection without a word."""
    connected: socket.socket = transport.get_extra_info("socket")
    if connected.family != socket.AF_UNIX:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEPALIVE.items():
            if option := getattr(socket, name, None):  # not every system has all of them
                connected.setsockopt(socket.IPPROTO_TCP, option, value)


async def begun(dsn: str | None, application_name: str, settings: Mapping[str, str]) -> Session:
    """A connection whose session has these settings and those that every session has.

    Raises SessionUnfitError, and whatever the client raises where there is no way to the server.
    """
    required = {"application_name": application_name, **settings}
    connection = await _open(dsn, application_name)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            with _fitting():
                await sessions.begin(connection, required, lambda: _opened(dsn, application_name))
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _open(dsn: str | None, application_name: str) -> Session:
    """Connect to the first host that takes writes, or would but for a setting of the login or the database."""
    try:
        return await _dial(dsn, application_name, SessionAttribute.read_write)
    except asyncpg.TargetServerAttributeNotMatched as refused:
        connection = await _dial(dsn, application_name, SessionAttribute.primary)
        try:
            if await connection.fetchval(TAKES_NO_WRITES):
                raise refused
        except BaseException:
            connection.terminate()
            raise
        return connection


async def _dial(dsn: str | None, application_name: str, attribute: SessionAttribute) -> Session:
    try:
        return await asyncpg.connect(
            dsn,
            timeout=CONNECT_TIMEOUT,
            command_timeout=COMMAND_TIMEOUT,
            target_session_attrs=attribute,
            server_settings={"application_name": application_name},
            connection_class=Session,
        )
    except asyncpg.ClientConfigurationError:
        raise
    except asyncpg.InterfaceError as error:  # the server asks for a kind of login that the client does not have
        raise ConnectionError(str(error)) from error


@asynccontextmanager
async def _opened(dsn: str | None, application_name: str) -> AsyncIterator[Session]:
    """A connection with no settings, that nobody waits for at its end."""
    connection = await _open(dsn, application_name)
    try:
        yield connection
    finally:
        connection.terminate()


@contextmanager
def _fitting() -> Iterator[None]:
    try:
        yield
    except OF_ANOTHER_PROCESS as error:
        raise SessionUnfitError(sessions.POOLED) from error
    except TOO_OLD as error:
        raise SessionUnfitError(sessions.LACKED.format("version of a database's sorting rules")) from error
    except OVERRULED as error:
        raise SessionUnfitError(f"{error}; a guarantee rests on it: see settings of the login and database") from error
