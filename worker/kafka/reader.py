"""Reads whole topics and parts of them, for commands, the demo and tests; `consumer.py` reads the worker's records."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal

from aiokafka import AIOKafkaConsumer, TopicPartition

from worker.kafka.client import client_options, start, stop
from worker.kafka.insides import connections
from worker.kafka.metadata import visible_of
from worker.kafka.unpacking import UNREADABLE
from worker.records.record import Partition, Record
from worker.settings.kafka import Kafka

Isolation = Literal["read_committed", "read_uncommitted"]

LOOKUP_TIMEOUT = 30.0
SILENCE_TIMEOUT = 30.0
READ_BYTES = 4 * 1024 * 1024


async def bounds(
    settings: Kafka, topics: Collection[str], isolation: Isolation = "read_uncommitted"
) -> dict[Partition, tuple[int, int]]:
    """First offset of every partition of the topics that exist, and where it ends for readers of this isolation."""
    async with reader(settings, isolation) as client:
        places = await partitions_of(client, topics)
        starts = await client.beginning_offsets(places)
        ends = await client.end_offsets(places)
    return {(tp.topic, tp.partition): (starts[tp], ends[tp]) for tp in places}


async def offsets_at(settings: Kafka, partitions: Collection[Partition], time: datetime) -> dict[Partition, int | None]:
    """The first offset of each partition whose record is of that time or later; None where there is none."""
    moment = max(math.ceil(time.timestamp() * 1000), 0)
    wanted = {TopicPartition(*partition): moment for partition in partitions}
    async with reader(settings, "read_uncommitted") as client:
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            await connections(client).set_topics({tp.topic for tp in wanted})
        found = await client.offsets_for_times(wanted)
    return {(tp.topic, tp.partition): at.offset if at else None for tp, at in found.items()}


async def holding(settings: Kafka, spans: Mapping[Partition, tuple[int, int]]) -> set[Partition]:
    """The partitions that hold a committed record from the first offset of their span on, before the second.

    Markers of transactions, and records that were taken back, are none. Raises ``worker.kafka.TROUBLE``.
    """
    ends = {TopicPartition(*partition): end for partition, (_, end) in spans.items()}
    found: set[TopicPartition] = set()
    async with reader(settings, "read_committed") as client, asyncio.timeout(LOOKUP_TIMEOUT):
        client.assign(list(ends))
        for partition, (first, _) in spans.items():
            client.seek(TopicPartition(*partition), first)
        pending = set(ends)
        while pending:
            try:
                fetched = await client.getmany(*pending, timeout_ms=200)
            except UNREADABLE:
                return {(tp.topic, tp.partition) for tp in found | pending}  # it holds something, readable or not
            found |= {tp for tp, records in fetched.items() if records[0].offset < ends[tp]}
            pending = {tp for tp in pending - found if await client.position(tp) < ends[tp]}
    return {(tp.topic, tp.partition) for tp in found}


async def read_all(
    settings: Kafka,
    topics: Collection[str],
    isolation: Isolation = "read_committed",
) -> AsyncIterator[Sequence[Record]]:
    """Everything in the topics up to where they end when this begins, some records at a time.

    Raises TimeoutError where nothing arrives for long, and ``worker.kafka.TROUBLE``.
    """
    async with reader(settings, isolation) as client:
        places = await partitions_of(client, topics)
        starts = await client.beginning_offsets(places)
        ends = await client.end_offsets(places)
        pending = {tp for tp in places if starts[tp] < ends[tp]}
        if not pending:
            return
        client.assign(list(pending))
        await client.seek_to_beginning()
        async with asyncio.timeout(SILENCE_TIMEOUT) as deadline:
            while pending:
                fetched = await client.getmany(timeout_ms=200)
                if fetched:
                    deadline.reschedule(asyncio.get_running_loop().time() + SILENCE_TIMEOUT)
                for tp, records in fetched.items():
                    yield [record for record in records if record.offset < ends[tp]]
                # The position also moves past what is no record: markers and aborted copies.
                pending = {tp for tp in pending if await client.position(tp) < ends[tp]}


@asynccontextmanager
async def reader(settings: Kafka, isolation: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of no group, for the length of the block."""
    client = AIOKafkaConsumer(
        **client_options(settings),
        isolation_level=isolation,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        max_partition_fetch_bytes=READ_BYTES,
    )
    try:
        await start(client)
        yield client
    finally:
        await stop(client)


async def partitions_of(client: AIOKafkaConsumer, topics: Collection[str]) -> list[TopicPartition]:
    """Every partition of the topics that exist.

    Raises KafkaError, also where one may not be looked at: it is not taken for one that does not exist.
    """
    async with asyncio.timeout(LOOKUP_TIMEOUT):
        found = await visible_of(connections(client), topics)
        existing = sorted(topic["topic"] for topic in found if topic["partitions"])
        # A consumer knows only the topics it was told of.
        await connections(client).set_topics(existing)
    return [
        TopicPartition(topic, number)
        for topic in existing
        for number in sorted(client.partitions_for_topic(topic) or ())
    ]
