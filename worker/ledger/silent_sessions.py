"""Ends database sessions of workers that fell silent in the middle of a transaction."""

from __future__ import annotations

import asyncio

import structlog

from db import query
from worker import postgres
from worker.stillness import Stillness

READ_SILENT_SESSIONS = query("sessions/find_silent")
END_SESSION = query("sessions/end")

LOOK_SECONDS = 1.0  # between two looks at the sessions
SILENCE = 5.0  # seconds; the same limit as for a connection that is idle in its transaction

log = structlog.get_logger()


async def end_silent_sessions(pool: postgres.Pool, stillness: Stillness[int]) -> None:
    """End sessions of workers that fell silent in the middle of a transaction. Runs until it is cancelled.

    While a server waits for the rest of a COPY, it checks none of its timeouts. The locks would then stay as long as a
    frozen worker does, or the connection of a dead one. (Seen with PostgreSQL 18.6: 25 s, until the test ended it.) A
    timeout also takes an hour longer when somebody sets the server's clock back by an hour. (Seen with a replacement
    for the C library's clock: a timeout of 14 s had not ended the session after 30 s.)
    """
    while True:
        async with postgres.borrowed(pool) as connection:
            for pid in await _end_silent(connection, stillness):
                log.warning("silent_session_ended", backend=pid)
        await asyncio.sleep(LOOK_SECONDS)


async def _end_silent(connection: postgres.Connection, stillness: Stillness[int]) -> list[int]:
    since = {row["pid"]: row["since"] for row in await connection.fetch(READ_SILENT_SESSIONS)}
    silent = [pid for pid, seconds in stillness.look(since).items() if seconds >= SILENCE]
    return [pid for pid in silent if await connection.fetchval(END_SESSION, pid, since[pid])]
