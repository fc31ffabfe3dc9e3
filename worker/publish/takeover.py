"""Clears up after workers that are gone: what they left unpublished, and locks that no timeout ends."""

from __future__ import annotations

import asyncio

import structlog

from db import query
from worker import kafka, postgres
from worker.failpoint import reach
from worker.kafka.limits import Limits
from worker.log.reminders import Reminders
from worker.outbox import slots
from worker.outbox.slots import SlotLostError
from worker.publish.publisher import publisher
from worker.run.tally import Tally
from worker.settings import Settings
from worker.stillness import Stillness
from worker.tracing import OFF, Tracing
from worker.troubles import names

READ_SILENT_SESSIONS = query("sessions/find_silent")
END_SESSION = query("sessions/end")

TROUBLE: tuple[type[BaseException], ...] = (*postgres.TROUBLE, *postgres.RETRY, *kafka.TROUBLE, SlotLostError)

LOOK_SECONDS = 1.0  # between looks
SILENCE = 5.0  # seconds; as long as a connection may be idle in its transaction

log = structlog.get_logger()


async def publish_abandoned(
    settings: Settings,
    pool: postgres.Pool,
    owner: str,
    tally: Tally,
    *,
    watched: Stillness[int],
    limits: Limits,
    reminders: Reminders,
    tracing: Tracing = OFF,
) -> None:
    """Until it is cancelled: publish what workers that are gone have left in their slots."""
    group, topic, seconds = (
        settings.kafka.group_id,
        settings.topics.lead_assigned,
        settings.slot.lease_seconds,
    )
    # Before Python 3.13 a task group loses a cancellation that comes while it ends for an error of its own, as for a
    # slot lost: who only waited to be interrupted would go on for ever, and his session would wait for him.
    while not _cancelled():
        async with postgres.borrowed(pool) as connection:
            slot = await slots.lease_abandoned(
                connection, group, owner, seconds, watched=watched, limits=limits.by_topic()
            )
        if slot is None:
            await asyncio.sleep(LOOK_SECONDS)
            continue
        reach("in_take_over")
        log.info("taken_over", slot=slot.number, epoch=slot.epoch, rows=slot.sequence - slot.confirmed)
        try:
            async with (
                slots.kept(pool, slot),
                publisher(settings.kafka, pool, slot, topic, tally, limits=limits, tracing=tracing),
            ):
                pass  # opening it has published everything
        except* TROUBLE as troubles:
            # Its own trouble, not that of this worker's slot; it is abandoned again, and looked at again.
            reminders.warning("take_over_failed", slot=slot.number, why=names(troubles))
            await asyncio.sleep(LOOK_SECONDS)


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


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
