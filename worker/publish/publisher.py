"""The outbox out: its rows, in Kafka transactions together with the slot's position, strictly in order."""

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
from worker.kafka.position import Published
from worker.kafka.producer import SlotProducer
from worker.outbox import slots
from worker.outbox.held import hold_too_large
from worker.outbox.row import unpack
from worker.outbox.slots import PositionAheadError, PositionForeignError, Slot
from worker.records.message import Message
from worker.settings.kafka import Kafka
from worker.tracing.off import OFF, Tracing

READ_OUTBOX = query("slots/read_outbox")

OPEN_TIMEOUT = 60.0  # for all that comes before the first row is published

log = structlog.get_logger()


class Counting(Protocol):
    """Is told how many messages of each topic went out, or did not."""

    def __call__(self, messages: Mapping[str, int], *, published: bool) -> None: ...


class Publisher:
    """Publishes what one leased slot holds."""

    def __init__(self, producer: SlotProducer, slot: Slot, count: Counting, tracing: Tracing = OFF) -> None:
        self._producer = producer
        self._slot = slot
        self._count = count
        self._tracing = tracing
        self.published = 0  # transactions

    @property
    def transaction_seconds(self) -> int:
        """How long the brokers let a transaction be open."""
        return self._producer.transaction_seconds

    async def publish(self, sequence: int, messages: Sequence[Message]) -> None:
        """Publish the slot's next rows up to ``sequence`` in one transaction.

        Any error leaves unknown whether they are out: open a new publisher.
        """
        assert sequence > self._slot.confirmed, "rows are published strictly in order"  # noqa: S101
        try:
            async with self._tracing.publishing(messages):
                topics = await self._producer.publish(messages, sequence)
        except TROUBLE:
            self._count(Counter(message.topic for message in messages), published=False)
            raise
        reach("after_publish_before_mark")
        self._slot.confirmed = sequence
        self.published += 1
        self._count(topics, published=True)


def believed(found: Published, slot: Slot) -> int:
    """The last row that the position in Kafka proves to be out, 0 for none.

    One that a tool has set proves nothing: that is one without our mark, unless its owner may have been a worker of the
    release before, which set none. Raises PositionAheadError, and PositionForeignError where something may be out.
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
    """The slot's rows that are not known to be out, by sequence."""
    async with postgres.borrowed(pool) as connection:
        rows = await connection.fetch(READ_OUTBOX, slot.group_id, slot.number, slot.confirmed, slot.sequence)
    if len(rows) < slot.sequence - slot.confirmed:  # only a new owner deletes what this one has not confirmed
        raise slots.SlotLostError(slot.publisher_id)
    return {sequence: unpack(row) for sequence, row in rows}


async def _publish_all(publisher: Publisher, rows: Mapping[int, Sequence[Message]]) -> None:
    if rows:
        log.info("publishing_rest", rows=len(rows))
    for sequence, messages in rows.items():
        await publisher.publish(sequence, messages)


@asynccontextmanager
async def publisher(
    kafka: Kafka,
    pool: postgres.Pool,
    slot: Slot,
    topic: str,
    count: Counting,
    *,
    limits: Limits,
    tracing: Tracing = OFF,
) -> AsyncIterator[Publisher]:
    """The slot's publisher, with nothing left over from before.

    The order matters. Starting the producer fences the slot's former owner and waits for the end of what he had
    begun; what was over before may still be open in places (`worker.kafka.missing_markers`) and is ended as it should
    have been; only then is the position true. The epoch is looked at in between, so that one who slept since he leased
    the slot stops here: he has fenced its live owner once, and that one comes back with a new producer. Messages that a
    topic does not take for now go to slots of their own (`worker.outbox.held`).

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
        # The group's offset expires when the slot is idle for long; the row in Postgres does not.
        slot.confirmed = max(slot.confirmed, believed(found, slot))
        if not found.is_ours:
            await producer.mark(slot.confirmed)
        async with postgres.borrowed(pool) as connection:
            await slots.mark(connection, slot)
        opened = Publisher(producer, slot, count, tracing)
        unpublished = {sequence: messages for sequence, messages in rest.items() if sequence > slot.confirmed}
        del rest
        await _publish_all(opened, await hold_too_large(pool, slot, unpublished, limits))
        del unpublished
        yield opened
    finally:
        await producer.stop()
