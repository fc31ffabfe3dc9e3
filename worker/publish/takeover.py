"""Publishes what workers that are gone have left in their slots."""

from __future__ import annotations

import asyncio

import structlog

from worker import postgres
from worker.concurrency import error_names
from worker.failpoint import reach
from worker.failures import WAITED_OUT, require_waited_out
from worker.kafka.limits import Limits
from worker.log.reminders import Reminders
from worker.outbox import slots
from worker.publish.publisher import Counting, publisher
from worker.settings import Settings
from worker.stillness import Stillness
from worker.tracing.off import OFF, Tracing

LOOK_SECONDS = 1.0  # between looks

log = structlog.get_logger()


async def publish_abandoned(
    settings: Settings,
    pool: postgres.Pool,
    owner: str,
    count: Counting,
    *,
    stillness: Stillness[int],
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
                connection, group, owner, seconds, stillness=stillness, limits=limits.by_topic()
            )
        if slot is None:
            await asyncio.sleep(LOOK_SECONDS)
            continue
        reach("in_take_over")
        log.info("taken_over", slot=slot.number, epoch=slot.epoch, rows=slot.sequence - slot.confirmed)
        try:
            async with (
                slots.kept(pool, slot),
                publisher(settings.kafka, pool, slot, topic, count, limits=limits, tracing=tracing),
            ):
                pass  # opening it has published everything
        except* WAITED_OUT as troubles:
            require_waited_out(troubles)
            # Its own trouble, not that of this worker's slot; it is abandoned again, and looked at again.
            reminders.warning("take_over_failed", slot=slot.number, why=error_names(troubles))
            await asyncio.sleep(LOOK_SECONDS)


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
