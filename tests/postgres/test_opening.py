"""Where there is no way to the database, whoever asks is told where to look; and bugs are told from trouble."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NoReturn

import asyncpg
import pytest
from asyncpg.transaction import Transaction

from worker import postgres

Call = Callable[[postgres.Connection], Awaitable[None]]
Opened = Callable[[str], AbstractAsyncContextManager[postgres.Connection]]

UNREACHED = {
    "nobody listens there": ("127.0.0.1:1", "Connect call failed ('127.0.0.1', 1)"),
    "a name that is not known": ("no-such-host.invalid", "the server's host name is unknown"),
}


def unknown(*_: object, **__: object) -> NoReturn:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize("case", UNREACHED)
async def test_what_can_not_be_reached_is_said_with_where_to_look(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a single connection and for a pool, and without the password."""
    host, said = UNREACHED[case]
    if said.endswith("unknown"):
        monkeypatch.setattr("socket.getaddrinfo", unknown)  # no resolver of this machine is asked
    dsn = f"postgresql://user:hunter2@{host}/database"
    for opening in (postgres.connected(dsn, application_name="x"), postgres.pool(dsn, application_name="x", size=1)):
        with pytest.raises(postgres.UnreachedError) as refused:
            await opening.__aenter__()
        assert said in str(refused.value)
        assert str(refused.value).endswith("; see host and port in DATABASE_URL, or PGHOST and PGPORT")
        assert "hunter2" not in str(refused.value)
        assert isinstance(refused.value, postgres.TROUBLE)


async def too_many_arguments(connection: postgres.Connection) -> None:
    await connection.fetchval("select $1::int", 1, 2)


async def two_statements_at_once(connection: postgres.Connection) -> None:
    await asyncio.gather(*(connection.fetchval("select pg_sleep(0.1)") for _ in range(2)))


async def another_isolation_within(connection: postgres.Connection) -> None:
    async with connection.transaction(), connection.transaction(isolation="repeatable_read"):
        pass


@asynccontextmanager
async def own(dsn: str) -> AsyncIterator[postgres.Connection]:
    async with postgres.connected(dsn, application_name="x") as connection:
        yield connection


@asynccontextmanager
async def pooled(dsn: str) -> AsyncIterator[postgres.Connection]:
    async with postgres.pool(dsn, application_name="x", size=1) as pool, postgres.borrowed(pool) as connection:
        yield connection


@asynccontextmanager
async def in_transaction(dsn: str) -> AsyncIterator[postgres.Connection]:
    async with postgres.connected(dsn, application_name="x") as connection, postgres.transaction(connection):
        yield connection


OPENED = [own, pooled, in_transaction]


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize("call", [too_many_arguments, two_statements_at_once, another_isolation_within])
async def test_a_wrong_call_is_no_trouble(database_url: str, opened: Opened, call: Call) -> None:
    """The client's error for it passes as it is."""
    with pytest.raises(asyncpg.InterfaceError) as wrong:
        async with opened(database_url) as connection:
            await call(connection)
    assert not isinstance(wrong.value, postgres.TROUBLE)


async def a_statement_after_the_end(connection: postgres.Connection) -> None:
    connection.terminate()
    await connection.fetchval("select 1")


async def a_transaction_after_the_end(connection: postgres.Connection) -> None:
    connection.terminate()
    async with postgres.transaction(connection):
        pass


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize("call", [a_statement_after_the_end, a_transaction_after_the_end])
async def test_a_call_over_a_connection_that_has_ended_is_trouble(
    database_url: str, opened: Opened, call: Call
) -> None:
    """The client raises the same class as for a wrong call."""
    with pytest.raises(postgres.ConnectionEndedError) as ended:
        async with opened(database_url) as connection:
            await call(connection)
    assert isinstance(ended.value, postgres.TROUBLE)


async def test_a_pool_that_is_closed_is_trouble(database_url: str) -> None:
    async with postgres.pool(database_url, application_name="x", size=1) as pool:
        await pool.close()
        with pytest.raises(postgres.ConnectionEndedError):
            async with postgres.borrowed(pool):
                pass


async def test_a_login_that_the_client_can_not_give_is_trouble() -> None:
    """A server can be told to ask for another kind of login."""

    gone = asyncio.Event()

    async def answer(client: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"R" + struct.pack("!ii", 8, 6))  # SCM credentials, which no server asks for any more
        await client.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        dsn = f"postgresql://user@127.0.0.1:{port}/database?sslmode=disable"
        with pytest.raises(postgres.UnreachedError, match="unsupported authentication method"):
            async with postgres.connected(dsn, application_name="x"):
                pass
        await gone.wait()


async def test_a_rollback_that_can_not_run_hides_no_error(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A soak met it: a session was ended, and the client's InterfaceError of the rollback passed for a bug of ours."""

    async def refuse(_: Transaction) -> None:
        raise asyncpg.InterfaceError("cannot perform operation: another operation is in progress")

    monkeypatch.setattr(Transaction, "rollback", refuse)
    async with postgres.connected(database_url, application_name="test") as connection:
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            async with postgres.transaction(connection):
                raise asyncpg.ConnectionDoesNotExistError
        assert connection.is_closed()
