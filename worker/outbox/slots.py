"""Slots: each gives one worker the right to write and publish a numbered series of outbox rows.

A worker leases a slot for some seconds and renews the lease. Every new owner raises the slot's epoch. A former owner
can change nothing, because each of its statements says `where epoch = ...`.

A silent owner loses its slot in two ways. A worker that begins a session takes the slot as soon as the lease has run
out by the database's clock (`lease`). Workers that look for unpublished rows also watch the slot's row, because
somebody may set this clock (`lease_abandoned`). They take the slot after half a lease without a change if the lease has
run out. Without regard to the clock, they take it after the longest lease that the settings allow.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from db import query
from worker import postgres
from worker.settings import LONGEST_LEASE
from worker.stillness import Stillness

LEASE_AVAILABLE_SLOT = query("slots/lease_available")
LEASE_ABANDONED_SLOT = query("slots/lease_abandoned")
FREE_SILENT_SLOT = query("slots/free_silent")
READ_SLOTS = query("slots/read_all")
MAKE_SLOT = query("slots/make")
READ_SLOT = query("slots/read")
RENEW_SLOT = query("slots/renew")
RELEASE_SLOT = query("slots/release")
MARK_SLOT = query("slots/mark")

RENEWALS = 4  # in the time of one lease
RELEASE_TIMEOUT = 2.0


class SlotLostError(Exception):
    """The slot has a new owner, and only that owner may publish its rows."""


class PositionAheadError(Exception):
    """Kafka has more published rows than Postgres has written: the database is an older copy."""


class PositionForeignError(Exception):
    """A tool has set a slot's position in Kafka, so nothing tells any more which rows are published."""


@dataclass(slots=True)
class Slot:
    """A leased slot. ``sequence`` is its last outbox row, ``confirmed`` the last one that is known to be published.

    ``is_marked`` is True where the former owners have marked their positions in Kafka. Then a position without the mark
    comes from a tool.
    """

    group_id: str
    number: int
    epoch: int
    sequence: int
    confirmed: int
    lease_seconds: float
    is_marked: bool = False

    @property
    def publisher_id(self) -> str:
        """The transactional id of this slot."""
        return publisher_id(self.group_id, self.number)


def publisher_id(group_id: str, number: int) -> str:
    """The transactional id of a slot. The Kafka group with its published position has the same name."""
    return f"{publisher_prefix(group_id)}{number}"


def publisher_prefix(group_id: str) -> str:
    """The beginning of the transactional ids of all slots of the group."""
    return f"{group_id}-slot-"


async def lease(connection: postgres.Connection, group_id: str, owner: str, lease_seconds: float) -> Slot:
    """Lease a slot for this worker: one whose lease ran out, or a new one."""
    while True:
        row = await connection.fetchrow(LEASE_AVAILABLE_SLOT, group_id, lease_seconds, owner)
        row = row or await connection.fetchrow(MAKE_SLOT, group_id, lease_seconds, owner)
        if row:
            return Slot(group_id, **row, lease_seconds=lease_seconds)


async def lease_abandoned(
    connection: postgres.Connection,
    group_id: str,
    owner: str,
    lease_seconds: float,
    *,
    stillness: Stillness[int],
    limits: Mapping[str, int],
) -> Slot | None:
    """Lease a slot whose owner has died and left unpublished rows. Returns None where there is none.

    Frees abandoned slots without unpublished rows. All calls need the same ``stillness``, since each call is one look.
    ``limits`` has the largest batch of each topic in bytes. Slots that wait for a higher limit stay as they are.
    """
    slots = await connection.fetch(READ_SLOTS, group_id)
    still = stillness.look({slot["number"]: slot["version"] for slot in slots})
    for slot in slots:
        number, version = slot["number"], slot["version"]
        if not _is_abandoned(slot, still[number], lease_seconds) or _is_held(slot, limits):
            continue
        if not slot["owes"]:
            await connection.execute(FREE_SILENT_SLOT, group_id, number, version)
        elif row := await connection.fetchrow(LEASE_ABANDONED_SLOT, group_id, lease_seconds, owner, number, version):
            return Slot(group_id, **row, lease_seconds=lease_seconds)
    return None


def _is_abandoned(slot: postgres.Row, still: float, lease_seconds: float) -> bool:
    """``still`` is in seconds since the last change of the slot's row. A living owner renews four times in a lease."""
    return bool(slot["is_given_back"] or (slot["ran_out"] and still >= lease_seconds / 2) or still >= LONGEST_LEASE)


def _is_held(slot: postgres.Row, limits: Mapping[str, int]) -> bool:
    topic = slot["held_topic"]
    return topic is not None and bool(slot["held_bytes"] > limits.get(topic, 0))


async def renew(connection: postgres.Connection, slot: Slot) -> None:
    """Renew the lease and store ``confirmed``. Raises SlotLostError if the slot has a new owner."""
    renewed = await connection.fetchval(
        RENEW_SLOT, slot.group_id, slot.number, slot.epoch, slot.confirmed, slot.lease_seconds
    )
    if renewed is None:
        raise SlotLostError(slot.publisher_id)


async def check(connection: postgres.Connection, slot: Slot) -> None:
    """Raises SlotLostError where the slot has a new owner."""
    row = await connection.fetchrow(READ_SLOT, slot.group_id, slot.number)
    if row is None or row["epoch"] != slot.epoch:
        raise SlotLostError(slot.publisher_id)


async def mark(connection: postgres.Connection, slot: Slot) -> None:
    """Store that the slot's position in Kafka is marked. Later positions without the mark come from a tool."""
    await connection.execute(MARK_SLOT, slot.group_id, slot.number, slot.epoch)


async def release(connection: postgres.Connection, slot: Slot) -> None:
    """Give the slot back before its lease runs out. Changes nothing where the slot has a new owner."""
    await connection.execute(RELEASE_SLOT, slot.group_id, slot.number, slot.epoch, slot.confirmed)


@asynccontextmanager
async def renewed(pool: postgres.Pool, slot: Slot) -> AsyncIterator[None]:
    """Renew the slot during the block, then give it back. Errors come as an exception group."""
    async with asyncio.TaskGroup() as tasks:
        renewing = tasks.create_task(_renew_repeatedly(pool, slot))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(*postgres.TROUBLE):
                async with asyncio.timeout(RELEASE_TIMEOUT), postgres.borrowed(pool) as connection:
                    await release(connection, slot)


async def _renew_repeatedly(pool: postgres.Pool, slot: Slot) -> None:
    while True:
        await asyncio.sleep(slot.lease_seconds / RENEWALS)
        async with postgres.borrowed(pool) as connection:
            await renew(connection, slot)
