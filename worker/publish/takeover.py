"""Publishes the rows that dead workers left in their slots. ``worker.outbox.slots`` says when a slot is abandoned."""

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
from worker.publish.publisher import CountMessages, open_publisher
from worker.settings import Settings
from worker.stillness import Stillness
from worker.tracing.off import OFF, Tracing

LOOK_SECONDS = 1.0  # between two looks at the slots

log = structlog.get_logger()


async def publish_abandoned(
    settings: Settings,
    pool: postgres.Pool,
    owner: str,
    count: CountMessages,
    *,
    stillness: Stillness[int],
    limits: Limits,
    reminders: Reminders,
    tracing: Tracing = OFF,
) -> None:
    """Publish the rows that dead workers left in their slots. Runs until it is cancelled."""
    group, topic, seconds = (
        settings.kafka.group_id,
        settings.topics.lead_assigned,
        settings.slot.lease_seconds,
    )
    # Before Python 3.13 a task group loses a cancellation that arrives while it ends with an error of its own, such as
    # SlotLostError. Without this check the loop would never stop, and the session would wait for it for ever.
    while not _is_cancelled():
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
                slots.renewed(pool, slot),
                open_publisher(settings.kafka, pool, slot, topic, count, limits=limits, tracing=tracing),
            ):
                pass  # the publisher has published all rows when its block begins
        except* WAITED_OUT as troubles:
            require_waited_out(troubles)
            # This worker's own slot is not affected. The other slot is abandoned again, and the next looks find it.
            reminders.warning("take_over_failed", slot=slot.number, why=error_names(troubles))
            await asyncio.sleep(LOOK_SECONDS)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
