"""Slots: who may write to and publish which part of the outbox.

A slot is leased for some seconds and renewed; its epoch rises with every new owner, and whatever a former owner
still does, it does `where epoch = ...` and so in vain.

The database's clock says when a lease runs out, and it can be set. So the lease alone decides nothing: other workers
watch whether the slot's row changes. A silent owner loses the slot half a lease after it fell silent if its lease has
run out as well, and after the longest lease that there can be whatever the clock says.
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

LEASE_FREE_SLOT = query("slots/lease_free")
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
    """The slot has a new owner: what was committed under it is his to publish."""


class PositionAheadError(Exception):
    """Kafka knows of more published rows than Postgres of written ones: the database is an older copy."""


class PositionForeignError(Exception):
    """Something else than a worker has set a slot's position in Kafka, and with it what is out is forgotten."""


@dataclass(slots=True)
class Slot:
    """A leased slot: ``sequence`` is its last outbox row, ``confirmed`` the last one known to be published.

    ``is_marked``: its former owners have marked its position in Kafka, so that one without the mark is a tool's.
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
        """As the function of this name says."""
        return publisher_id(self.group_id, self.number)


def publisher_id(group_id: str, number: int) -> str:
    """The transactional id of a slot, also the name of the group that carries its published position."""
    return f"{publisher_prefix(group_id)}{number}"


def publisher_prefix(group_id: str) -> str:
    """What the names of all its slots begin with."""
    return f"{group_id}-slot-"


async def lease(connection: postgres.Connection, group_id: str, owner: str, lease_seconds: float) -> Slot:
    """A slot of one's own: one whose lease ran out, or a new one."""
    while True:
        row = await connection.fetchrow(LEASE_FREE_SLOT, group_id, lease_seconds, owner)
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
    """A slot whose owner is gone and has left something unpublished, or None. Frees those that hold nothing.

    Each call is one look; ``stillness`` is the same for all of them. ``limits`` are the bytes of a batch that topics
    take: a slot that waits for a higher limit is left alone.
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
    """``still`` is for how many seconds the owner has renewed nothing; all workers renew four times in a lease."""
    return bool(slot["is_free"] or (slot["ran_out"] and still >= lease_seconds / 2) or still >= LONGEST_LEASE)


def _is_held(slot: postgres.Row, limits: Mapping[str, int]) -> bool:
    topic = slot["held_topic"]
    return topic is not None and bool(slot["held_bytes"] > limits.get(topic, 0))


async def renew(connection: postgres.Connection, slot: Slot) -> None:
    """Keep the lease and write down what is confirmed. Raises SlotLostError if the slot has a new owner."""
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
    """From here on a position of the slot in Kafka that has no mark is a tool's."""
    await connection.execute(MARK_SLOT, slot.group_id, slot.number, slot.epoch)


async def release(connection: postgres.Connection, slot: Slot) -> None:
    """Give the slot back at once instead of when its lease runs out; in vain where it is somebody else's."""
    await connection.execute(RELEASE_SLOT, slot.group_id, slot.number, slot.epoch, slot.confirmed)


@asynccontextmanager
async def kept(pool: postgres.Pool, slot: Slot) -> AsyncIterator[None]:
    """Renew the slot for the length of the block, then give it back. Errors come as an exception group."""
    async with asyncio.TaskGroup() as tasks:
        renewing = tasks.create_task(_keep(pool, slot))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(*postgres.TROUBLE):
                async with asyncio.timeout(RELEASE_TIMEOUT), postgres.borrowed(pool) as connection:
                    await release(connection, slot)


async def _keep(pool: postgres.Pool, slot: Slot) -> None:
    while True:
        await asyncio.sleep(slot.lease_seconds / RENEWALS)
        async with postgres.borrowed(pool) as connection:
            await renew(connection, slot)
