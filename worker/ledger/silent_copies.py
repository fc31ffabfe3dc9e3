"""Ends sessions of workers that fell silent in the middle of a transaction."""

from __future__ import annotations

import asyncio

import structlog

from db import query
from worker import postgres
from worker.stillness import Stillness

READ_SILENT_SESSIONS = query("sessions/find_silent")
END_SESSION = query("sessions/end")

LOOK_SECONDS = 1.0  # between looks
SILENCE = 5.0  # seconds; as long as a connection may be idle in its transaction

log = structlog.get_logger()


async def end_silent_sessions(pool: postgres.Pool, watched: Stillness[int]) -> None:
    """For ever: end sessions of workers that fell silent in the middle of a transaction.

    While a server waits for the rest of a COPY it looks at none of its timeouts, and the locks would stay for as long
    as a frozen worker, or the connection of a vanished one, does. (Seen with PostgreSQL 18.6: 25 s, until the test
    ended it.) And a timeout that runs while the server's clock is set back by an hour takes an hour longer. (Seen with
    a stand-in for the C library's clock: one of 14 s had not ended the session after 30.)
    """
    while True:
        async with postgres.borrowed(pool) as connection:
            for pid in await _end_silent(connection, watched):
                log.warning("silent_session_ended", backend=pid)
        await asyncio.sleep(LOOK_SECONDS)


async def _end_silent(connection: postgres.Connection, watched: Stillness[int]) -> list[int]:
    since = {row["pid"]: row["since"] for row in await connection.fetch(READ_SILENT_SESSIONS)}
    silent = [pid for pid, seconds in watched.look(since).items() if seconds >= SILENCE]
    return [pid for pid in silent if await connection.fetchval(END_SESSION, pid, since[pid])]
