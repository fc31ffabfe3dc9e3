"""Connections without work: a NAT does not forget them, since something is sent all the same."""

from __future__ import annotations

import socket
from collections.abc import Callable

from tests.faults.proxy import Proxy, Target
from worker import postgres as database
from worker.embedded import Postgres


async def test_p10_connections_to_postgres_are_kept_alive(postgres: Postgres, proxy: Callable[[Target], Proxy]) -> None:
    """Those of a pool too. NATs of clouds forget after 350 s and less; Linux itself begins after two hours."""
    way = postgres.tcp_dsn(port=proxy(postgres.socket).port)
    async with (
        database.connected(way, application_name="test") as single,
        database.pool(way, application_name="test", size=1) as pool,
        database.borrowed(pool) as pooled,
    ):
        for connection in (single, pooled):
            it = connection._transport.get_extra_info("socket")  # type: ignore[union-attr] # nobody else tells
            assert it.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert it.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
            assert it.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 10
            assert it.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 3
