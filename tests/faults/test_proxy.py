"""The network that the fault tests spoil does what it says."""

from __future__ import annotations

import asyncio
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from tests.faults.proxy import Proxy, Target
from worker.embedded import Postgres
from worker.embedded.ports import HOST

SILENCE = 0.5  # that shows that nothing comes
SOON = 20.0


class Echo:
    """Answers with what it is sent, and remembers it."""

    def __init__(self) -> None:
        self.heard = b""
        self.target: Target = (HOST, 0)

    async def answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            while piece := await reader.read(100_000):
                self.heard += piece
                writer.write(piece)
            writer.write(b"bye")
            writer.write_eof()
        except ConnectionError:
            pass
        finally:
            writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    echo = Echo()
    server = await asyncio.start_server(echo.answer, HOST, 0)
    async with server:
        echo.target = server.sockets[0].getsockname()
        yield echo


@pytest.fixture
async def way(echo: Echo, proxy: Callable[[Target], Proxy]) -> Proxy:
    """Leads to the echo."""
    return proxy(echo.target)


async def test_what_is_sent_arrives_and_so_does_the_end(way: Proxy, echo: Echo) -> None:
    """Much of it, in both directions; one side may end before the other."""
    much = bytes(range(256)) * 20_000
    reader, writer = await asyncio.open_connection(HOST, way.port)
    writer.write(much)
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(), SOON) == much + b"bye"
    assert echo.heard == much
    await _close(writer)


async def test_a_stalled_network_is_silent_until_it_heals(way: Proxy, echo: Echo) -> None:
    """Nothing arrives over a connection old or new, not even its end, and nothing is lost."""
    old = await asyncio.open_connection(HOST, way.port)
    assert await _echo(*old, b"before") == b"before"
    way.stall()
    new = await asyncio.open_connection(HOST, way.port)
    for _, writer in (old, new):
        writer.write(b"during")
        writer.write_eof()
    reads = [asyncio.create_task(reader.read()) for reader, _ in (old, new)]

    assert not (await asyncio.wait(reads, timeout=SILENCE))[0]
    assert echo.heard == b"before"

    way.heal()
    assert await asyncio.wait_for(asyncio.gather(*reads), SOON) == [b"duringbye"] * 2
    for _, writer in (old, new):
        await _close(writer)


async def test_connections_are_cut_and_new_ones_are_taken(way: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, way.port)
    assert await _echo(reader, writer, b"before") == b"before"
    way.cut()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(), SOON)
    await _close(writer)

    reader, writer = await asyncio.open_connection(HOST, way.port)
    assert await _echo(reader, writer, b"after") == b"after"
    await _close(writer)


async def test_new_connections_are_refused_and_old_ones_go_on(way: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, way.port)
    assert await _echo(reader, writer, b"before") == b"before"
    way.refuse()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(HOST, way.port)
    assert await _echo(reader, writer, b"during") == b"during"
    await _close(writer)

    way.heal()
    reader, writer = await asyncio.open_connection(HOST, way.port)
    assert await _echo(reader, writer, b"after") == b"after"
    await _close(writer)


async def test_a_connection_to_no_server_is_reset(proxy: Callable[[Target], Proxy], tmp_path: Path) -> None:
    way = proxy(tmp_path / "no socket")
    with pytest.raises(ConnectionResetError):
        await _first_word(way)


async def test_a_slow_network_holds_back_each_way(way: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, way.port)
    way.delay(0.2)
    began = time.monotonic()
    assert await _echo(reader, writer, b"slowly") == b"slowly"
    assert time.monotonic() - began >= 0.4
    await _close(writer)


async def test_postgres_behind_a_proxy(own_postgres: Callable[[], Postgres], proxy: Callable[[Target], Proxy]) -> None:
    """A statement in a stalled network gets no answer, and gets it when the network is back."""
    postgres = await asyncio.to_thread(own_postgres)
    way = proxy(postgres.socket)
    connection = await asyncpg.connect(postgres.tcp_dsn(port=way.port))
    way.stall()
    asking = asyncio.create_task(connection.fetchval("select 1"))
    assert not (await asyncio.wait([asking], timeout=SILENCE))[0]
    way.heal()
    assert await asyncio.wait_for(asking, SOON) == 1

    way.cut()
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, ConnectionError)):
        await connection.fetchval("select 1")
    again = await asyncpg.connect(postgres.tcp_dsn(port=way.port))
    assert await again.fetchval("select 1") == 1
    await again.close()
    connection.terminate()


async def _echo(reader: StreamReader, writer: StreamWriter, said: bytes) -> bytes:
    writer.write(said)
    return await asyncio.wait_for(reader.readexactly(len(said)), SOON)


async def _first_word(way: Proxy) -> bytes:
    """The reset may come while connecting or after."""
    reader, writer = await asyncio.open_connection(HOST, way.port)
    try:
        return await asyncio.wait_for(reader.read(1), SOON)
    finally:
        await _close(writer)


async def _close(writer: StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
