"""Opens a connection: to a host that takes writes, with the session properties that the guarantees need."""

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

# Seconds. A longer statement is not slow from load but from a fault. The server's own limits are shorter than the
# client's, so that a lock ends before the client gives up.
COMMAND_TIMEOUT = 15.0
CONNECT_TIMEOUT = 10.0

# A prepared statement is missing, or a new one exists already: another server process answers.
OF_ANOTHER_PROCESS = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)

# The server rejects the required value of a setting.
OVERRULED = (
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InvalidParameterValueError,
    asyncpg.CantChangeRuntimeParamError,
)


# The server has no collation versions: they came with PostgreSQL 15.
TOO_OLD = (asyncpg.UndefinedColumnError, asyncpg.UndefinedFunctionError)


# Seconds of silence before the first probe, seconds between probes, and unanswered probes until the connection ends.
KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}


class Session(asyncpg.Connection[asyncpg.Record] if TYPE_CHECKING else asyncpg.Connection):  # type: ignore[misc]
    """A connection that a pool takes back unchanged.

    ``RESET ALL`` would replace the required settings by those of the login or of a pooler. ``on_return`` is the
    statement that the server gets when the connection returns to its pool. It is empty, unless a pool sets it.
    """

    on_return = ""

    def __init__(self, protocol: Any, transport: asyncio.Transport, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        _keep_alive(transport)

    def get_reset_query(self) -> str:
        """Return the statement for a connection that its pool takes back. asyncpg also rolls back a transaction."""
        return self.on_return


def _keep_alive(transport: asyncio.Transport) -> None:
    """Turn on the system's keepalive probes. Without them a NAT on the way may silently drop an idle connection."""
    connected: socket.socket = transport.get_extra_info("socket")
    if connected.family != socket.AF_UNIX:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEPALIVE.items():
            if option := getattr(socket, name, None):  # some systems lack some of them
                connected.setsockopt(socket.IPPROTO_TCP, option, value)


async def open_session(dsn: str | None, application_name: str, settings: Mapping[str, str]) -> Session:
    """Open a connection with these settings and those that every session has.

    Raises SessionUnfitError, and the client's own errors if there is no way to the server.
    """
    required = {"application_name": application_name, **settings}
    connection = await _open(dsn, application_name)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            with _as_unfit():
                await sessions.begin(connection, required, lambda: _second_connection(dsn, application_name))
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _open(dsn: str | None, application_name: str) -> Session:
    """Connect to the first host that takes writes.

    A host is accepted too if only a setting of the login or the database makes it read-only.
    """
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
    except asyncpg.InterfaceError as error:  # the server requires a login method that the client lacks
        raise ConnectionError(str(error)) from error


@asynccontextmanager
async def _second_connection(dsn: str | None, application_name: str) -> AsyncIterator[Session]:
    """A connection with default settings for the length of the block, without a wait at its end."""
    connection = await _open(dsn, application_name)
    try:
        yield connection
    finally:
        connection.terminate()


@contextmanager
def _as_unfit() -> Iterator[None]:
    try:
        yield
    except OF_ANOTHER_PROCESS as error:
        raise SessionUnfitError(sessions.POOLED) from error
    except TOO_OLD as error:
        raise SessionUnfitError(sessions.LACKED.format("version of a database's sorting rules")) from error
    except OVERRULED as error:
        raise SessionUnfitError(f"{error}; a guarantee rests on it: see settings of the login and database") from error
