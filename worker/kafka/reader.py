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
    """Look up the first offset and the end of each partition of the existing topics.

    The end depends on the isolation level.
    """
    async with reader(settings, isolation) as client:
        partitions = await partitions_of(client, topics)
        starts = await client.beginning_offsets(partitions)
        ends = await client.end_offsets(partitions)
    return {(tp.topic, tp.partition): (starts[tp], ends[tp]) for tp in partitions}


async def offsets_at(settings: Kafka, partitions: Collection[Partition], time: datetime) -> dict[Partition, int | None]:
    """Find the first record of each partition with this time or a later one; None if there is none."""
    milliseconds = max(math.ceil(time.timestamp() * 1000), 0)
    wanted = {TopicPartition(*partition): milliseconds for partition in partitions}
    async with reader(settings, "read_uncommitted") as client:
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            await connections(client).set_topics({tp.topic for tp in wanted})
        found = await client.offsets_for_times(wanted)
    return {(tp.topic, tp.partition): at.offset if at else None for tp, at in found.items()}


async def with_records(settings: Kafka, spans: Mapping[Partition, tuple[int, int]]) -> set[Partition]:
    """Find the partitions with a committed record in their span: from its first offset to before its second.

    Markers and aborted records do not count. Raises ``worker.kafka.TROUBLE``.
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
                return {(tp.topic, tp.partition) for tp in found | pending}  # an unreadable record is a record
            found |= {tp for tp, records in fetched.items() if records[0].offset < ends[tp]}
            pending = {tp for tp in pending - found if await client.position(tp) < ends[tp]}
    return {(tp.topic, tp.partition) for tp in found}


async def read_all(
    settings: Kafka,
    topics: Collection[str],
    isolation: Isolation = "read_committed",
) -> AsyncIterator[Sequence[Record]]:
    """Read the topics from their beginning to their present end, some records at a time.

    Raises TimeoutError if nothing arrives for SILENCE_TIMEOUT, and ``worker.kafka.TROUBLE``.
    """
    async with reader(settings, isolation) as client:
        partitions = await partitions_of(client, topics)
        starts = await client.beginning_offsets(partitions)
        ends = await client.end_offsets(partitions)
        pending = {tp for tp in partitions if starts[tp] < ends[tp]}
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
                # The position also moves past markers and aborted records.
                pending = {tp for tp in pending if await client.position(tp) < ends[tp]}


@asynccontextmanager
async def reader(settings: Kafka, isolation: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group, for the length of the block."""
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
    """List the partitions of the topics that exist.

    Raises KafkaError, also if the user may not describe a topic: that topic may exist all the same.
    """
    async with asyncio.timeout(LOOKUP_TIMEOUT):
        found = await visible_of(connections(client), topics)
        existing = sorted(topic["topic"] for topic in found if topic["partitions"])
        # A consumer looks up only the topics that are set here.
        await connections(client).set_topics(existing)
    return [
        TopicPartition(topic, number)
        for topic in existing
        for number in sorted(client.partitions_for_topic(topic) or ())
    ]
