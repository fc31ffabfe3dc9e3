"""Waits for the end of transactions that are open: only then do read_committed readers see all that was written."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from worker.kafka.reader import bounds, partitions_of, reader
from worker.records.record import Partition
from worker.settings.kafka import Kafka

PAUSE = 0.2  # seconds


async def wait_for_open_transactions(settings: Kafka, topics: Collection[str], patience: float) -> list[Partition]:
    """Wait until the transactions that are open now have ended; returns the partitions where, after ``patience``
    seconds, one of them still holds readers back.

    The broker aborts a frozen producer's transaction in the end, and sooner where another worker takes its slot over.
    """
    ends = {place: end for place, (_, end) in (await bounds(settings, topics)).items()}
    deadline = asyncio.get_running_loop().time() + patience
    async with reader(settings, "read_committed") as client:
        behind = await partitions_of(client, topics)
        while behind:
            # Asked with this isolation, the end is the last stable offset.
            stable = await client.end_offsets(behind)
            behind = [place for place in behind if stable[place] < ends.get((place.topic, place.partition), 0)]
            if asyncio.get_running_loop().time() > deadline:
                break
            if behind:
                await asyncio.sleep(PAUSE)
    return [(place.topic, place.partition) for place in behind]
