"""Holds messages that are too large for their topic now, because its limit was lowered after their commit.

The publisher moves them from their outbox row to a slot of their own, and publishes the rest of the row. When an
operator raises the limit, a worker takes this slot over like an abandoned one. So each message is published once, and
its bytes do not change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from db import query
from worker import postgres
from worker.kafka.limits import Limits
from worker.outbox.packing import pack
from worker.outbox.slots import Slot, SlotLostError
from worker.records.message import Message

LOCK_SLOT = query("held/lock_slot")
TAKE_ROW = query("held/take_row")
MAKE_SLOT = query("held/make_slot")
WRITE_ROW = query("held/write_row")

NOBODY = "nobody: held until its topic takes it"


async def hold_too_large(
    pool: postgres.Pool, slot: Slot, rows: Mapping[int, Sequence[Message]], limits: Limits
) -> dict[int, Sequence[Message]]:
    """Hold the too large messages of the slot's unpublished rows. Returns the rows, by sequence, without them.

    Raises SlotLostError, or one of ``worker.postgres.TROUBLE``.
    """
    fitting = dict(rows)
    for sequence, messages in rows.items():
        fits = [limits.fits(message) for message in messages]  # only one answer each: a limit may change meanwhile
        if not all(fits):
            fitting[sequence] = [message for message, is_fit in zip(messages, fits, strict=True) if is_fit]
            too_large = [message for message, is_fit in zip(messages, fits, strict=True) if not is_fit]
            async with postgres.borrowed(pool) as connection, postgres.transaction(connection):
                created_at = await _take_row(connection, slot, sequence)
                row = (slot.group_id, slot.number, sequence, await pack(fitting[sequence]), created_at)
                await connection.execute(WRITE_ROW, *row, None, None, None)
                await _hold(connection, slot.group_id, created_at, too_large, limits)
    return fitting


async def _take_row(connection: postgres.Connection, slot: Slot, sequence: int) -> datetime:
    owned = await connection.fetchval(LOCK_SLOT, slot.group_id, slot.number, slot.epoch)
    created_at: datetime | None = await connection.fetchval(TAKE_ROW, slot.group_id, slot.number, sequence)
    if owned is None or created_at is None:
        raise SlotLostError(slot.publisher_id)
    return created_at


async def _hold(
    connection: postgres.Connection, group_id: str, created_at: datetime, too_large: Sequence[Message], limits: Limits
) -> None:
    """Write the messages of each topic to a slot of its own, since each limit may be raised at another time."""
    by_topic: defaultdict[str, list[Message]] = defaultdict(list)
    for message in too_large:
        by_topic[message.topic].append(message)
    for topic, messages in by_topic.items():
        number = None
        while number is None:
            number = await connection.fetchval(MAKE_SLOT, group_id, NOBODY)
        size = max(map(limits.size_of, messages))
        row = (group_id, number, 1, await pack(messages), created_at)
        await connection.execute(WRITE_ROW, *row, topic, len(messages), size)
