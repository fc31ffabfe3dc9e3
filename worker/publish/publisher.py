"""Publishes a slot's outbox rows strictly in order. Each Kafka transaction also moves the slot's position."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import structlog

from db import query
from worker import postgres
from worker.failpoint import reach
from worker.kafka import TROUBLE
from worker.kafka.admin import administration
from worker.kafka.limits import Limits
from worker.kafka.producer import SlotProducer
from worker.kafka.published_position import Published
from worker.outbox import slots
from worker.outbox.held import hold_too_large
from worker.outbox.packing import unpack
from worker.outbox.slots import PositionAheadError, PositionForeignError, Slot
from worker.records.message import Message
from worker.settings.kafka import Kafka
from worker.tracing.off import OFF, Tracing

READ_OUTBOX = query("slots/read_outbox")

OPEN_TIMEOUT = 60.0  # seconds; limits all steps before the first row is published

log = structlog.get_logger()


class CountMessages(Protocol):
    """Counts messages, by topic, that were published or whose publication failed."""

    def __call__(self, messages: Mapping[str, int], *, published: bool) -> None: ...


class Publisher:
    """Publishes the rows of one leased slot."""

    def __init__(self, producer: SlotProducer, slot: Slot, count: CountMessages, tracing: Tracing = OFF) -> None:
        self._producer = producer
        self._slot = slot
        self._count = count
        self._tracing = tracing
        self.published = 0  # transactions

    @property
    def transaction_seconds(self) -> int:
        """The longest time in seconds that the brokers leave a transaction open."""
        return self._producer.transaction_seconds

    async def publish(self, sequence: int, messages: Sequence[Message]) -> None:
        """Publish the slot's next rows up to ``sequence`` in one transaction.

        After any error the rows may be published or not, so the caller must open a new publisher.
        """
        assert sequence > self._slot.confirmed, "rows are published strictly in order"  # noqa: S101
        try:
            async with self._tracing.publishing(messages):
                topics = await self._producer.publish(messages, sequence)
        except TROUBLE:
            self._count(Counter(message.topic for message in messages), published=False)
            raise
        reach("after_publish_before_confirm")
        self._slot.confirmed = sequence
        self.published += 1
        self._count(topics, published=True)


def last_published(found: Published, slot: Slot) -> int:
    """The last row that the position in Kafka proves to be published, 0 for none.

    A position without a worker's mark comes from a tool and proves nothing. The exception is a slot that no worker has
    marked yet, because workers of the release before set no marks. Raises PositionAheadError. Raises
    PositionForeignError where rows may be published, but nothing proves it.
    """
    if found.is_ours or not (found.metadata or slot.is_marked):
        if found.sequence > slot.sequence:
            raise PositionAheadError(_ahead(found, slot))
        return found.sequence
    if slot.confirmed < slot.sequence:
        raise PositionForeignError(_foreign(found, slot))
    log.warning("position_set_by_a_stranger", group=slot.publisher_id, offset=found.offset)
    return 0


def _ahead(found: Published, slot: Slot) -> str:
    text = (
        f"{slot.publisher_id}: Kafka holds published row {found.sequence}, Postgres wrote only {slot.sequence}: the "
        "database is an older copy. Bring the newer one back; where it is lost, a new KAFKA_GROUP_ID reads all "
        "inputs again, and what was assigned since the copy was made is decided and announced a second time"
    )
    if found.is_ours:
        return text
    return (
        f"{text}. But where a tool has reset the offsets of group {slot.publisher_id}, nothing is wrong with the "
        f"database: `kafka-consumer-groups.sh --delete --group {slot.publisher_id}`, and start again"
    )


def _foreign(found: Published, slot: Slot) -> str:
    return (
        f"{slot.publisher_id}: something else than a worker has set the offset of this Kafka group, to "
        f"{found.offset}, while rows {slot.confirmed + 1} to {slot.sequence} were not known to be published. "
        "`salesplan verify` names what of them is not out. Then `kafka-consumer-groups.sh --delete --group "
        f"{slot.publisher_id}`, and start again: all of them are published, what is out already a second time with the "
        "same ids"
    )


async def _unconfirmed(pool: postgres.Pool, slot: Slot) -> dict[int, list[Message]]:
    """The slot's rows that are not known to be published, by sequence."""
    async with postgres.borrowed(pool) as connection:
        rows = await connection.fetch(READ_OUTBOX, slot.group_id, slot.number, slot.confirmed, slot.sequence)
    if len(rows) < slot.sequence - slot.confirmed:  # only a new owner deletes rows that this one has not confirmed
        raise slots.SlotLostError(slot.publisher_id)
    return {sequence: unpack(row) for sequence, row in rows}


async def _publish_all(publisher: Publisher, rows: Mapping[int, Sequence[Message]]) -> None:
    if rows:
        log.info("publishing_rest", rows=len(rows))
    for sequence, messages in rows.items():
        await publisher.publish(sequence, messages)


@asynccontextmanager
async def open_publisher(
    kafka: Kafka,
    pool: postgres.Pool,
    slot: Slot,
    topic: str,
    count: CountMessages,
    *,
    limits: Limits,
    tracing: Tracing = OFF,
) -> AsyncIterator[Publisher]:
    """Open the slot's publisher. When the block begins, all earlier rows are published.

    The order of the steps matters:

    1. Starting the producer fences the slot's former owner, and waits for the end of that owner's transaction.
    2. The check of the slot's epoch stops a worker that was frozen since it leased the slot. It has then fenced the
       slot's live owner once, and that owner comes back with a new producer.
    3. An older transaction may still be open on some partitions (`worker.kafka.missing_markers`). The producer ends it
       there in the same way.
    4. Only now is the position in Kafka valid, and the publisher reads it.
    5. Messages that are too large for their topic move to slots of their own (`worker.outbox.held`).

    Raises SlotLostError, PositionAheadError, PositionForeignError, and the ``TROUBLE`` of Kafka and Postgres.
    """
    producer = SlotProducer(kafka, slot.publisher_id, topic, limits)
    try:
        rest = await _unconfirmed(pool, slot)
        topics = {message.topic for messages in rest.values() for message in messages}
        async with asyncio.timeout(OPEN_TIMEOUT), administration(kafka) as admin:
            last = await admin.last_transaction(slot.publisher_id, topics)
            await producer.start()
            async with postgres.borrowed(pool) as connection:
                await slots.check(connection, slot)
            await producer.repeat_end(last)
            found = await admin.position(slot.publisher_id, topic)
        # The group's offset expires when the slot is idle for long. The row in Postgres does not.
        slot.confirmed = max(slot.confirmed, last_published(found, slot))
        if not found.is_ours:
            await producer.mark(slot.confirmed)
        async with postgres.borrowed(pool) as connection:
            await slots.mark(connection, slot)
        publisher = Publisher(producer, slot, count, tracing)
        unpublished = {sequence: messages for sequence, messages in rest.items() if sequence > slot.confirmed}
        del rest
        await _publish_all(publisher, await hold_too_large(pool, slot, unpublished, limits))
        del unpublished
        yield publisher
    finally:
        await producer.stop()
