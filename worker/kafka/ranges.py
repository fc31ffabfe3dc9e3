"""Reads ranges of offsets again, one partition after the other: for verify and the dead-letter tools."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition

from worker.kafka.reader import SILENCE_TIMEOUT, Isolation, reader
from worker.kafka.unpacking import UNREADABLE
from worker.records.record import Partition, Record
from worker.settings.kafka import Kafka

POLL_MS = 200

Range = tuple[int, int]  # first offset, and the offset after the last


async def read_ranges(
    settings: Kafka,
    ranges: Mapping[Partition, Range],
    unreadable: dict[Partition, int],
    isolation: Isolation = "read_committed",
) -> AsyncIterator[Sequence[Record]]:
    """Read the records in these ranges, some at a time. Kafka may have deleted some of them already.

    If the client can't unpack a record, the rest of its partition is left out, and ``unreadable`` gets the record's
    offset. Raises TimeoutError if nothing arrives for SILENCE_TIMEOUT, and ``worker.kafka.TROUBLE``.
    """
    async with reader(settings, isolation) as client:
        for partition, offsets in ranges.items():
            async for records in _read_readable(client, partition, offsets, unreadable):
                yield records


async def _read_readable(
    client: AIOKafkaConsumer, partition: Partition, offsets: Range, unreadable: dict[Partition, int]
) -> AsyncIterator[Sequence[Record]]:
    tp = TopicPartition(*partition)
    following, end = offsets
    with suppress(*UNREADABLE):
        async for records in _read(client, tp, (following, end)):
            yield records
            following = records[-1].offset + 1
        return
    try:
        # The client lost the records before the bad one together with it. So read them again, one by one.
        async for records in _read(client, tp, (following, end), at_most=1):
            yield records
    except UNREADABLE:
        unreadable[partition] = await client.position(tp)


async def _read(
    client: AIOKafkaConsumer, tp: TopicPartition, offsets: Range, at_most: int | None = None
) -> AsyncIterator[Sequence[Record]]:
    first, end = offsets
    client.assign([tp])
    client.seek(tp, first)
    now = asyncio.get_running_loop().time
    deadline = now() + SILENCE_TIMEOUT
    # The position also moves past markers, and past aborted or compacted records.
    while await client.position(tp) < end:
        fetched = await client.getmany(tp, timeout_ms=POLL_MS, max_records=at_most)
        if wanted := [record for record in fetched.get(tp, ()) if record.offset < end]:
            yield wanted
            deadline = now() + SILENCE_TIMEOUT
        elif now() > deadline:
            raise TimeoutError(f"nothing more of {tp.topic}[{tp.partition}] for {SILENCE_TIMEOUT:.0f} s")
