"""Waits for the end of open transactions: only then do read_committed readers see all records."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from worker.kafka.reader import bounds, partitions_of, reader
from worker.records.record import Partition
from worker.settings.kafka import Kafka

PAUSE = 0.2  # seconds


async def wait_for_open_transactions(settings: Kafka, topics: Collection[str], patience: float) -> list[Partition]:
    """Wait until the transactions that are open now have ended, at most ``patience`` seconds.

    Returns the partitions where one of them is still open then. The broker finally aborts a frozen producer's
    transaction. It does so earlier if another worker takes over the slot.
    """
    ends = {tp: end for tp, (_, end) in (await bounds(settings, topics)).items()}
    deadline = asyncio.get_running_loop().time() + patience
    async with reader(settings, "read_committed") as client:
        behind = await partitions_of(client, topics)
        while behind:
            # For this isolation level, the end is the last stable offset.
            stable = await client.end_offsets(behind)
            behind = [tp for tp in behind if stable[tp] < ends.get((tp.topic, tp.partition), 0)]
            if asyncio.get_running_loop().time() > deadline:
                break
            if behind:
                await asyncio.sleep(PAUSE)
    return [(tp.topic, tp.partition) for tp in behind]
