"""Waits until transactions that were under way are decided: only then do read_committed readers see all that is out."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from worker.kafka.plain import bounds, places_of, reader
from worker.records.record import Partition
from worker.settings.kafka import Kafka

PAUSE = 0.2


async def undecided(settings: Kafka, topics: Collection[str], patience: float) -> list[Partition]:
    """Partitions where, after ``patience`` seconds, a transaction begun before the call still holds readers back.

    A frozen producer's transaction is aborted by the broker in the end, and sooner where its slot is taken over.
    """
    ends = {place: end for place, (_, end) in (await bounds(settings, topics)).items()}
    deadline = asyncio.get_running_loop().time() + patience
    async with reader(settings, "read_committed") as client:
        behind = await places_of(client, topics)
        while behind:
            # Asked with this isolation, the end is the last stable offset.
            stable = await client.end_offsets(behind)
            behind = [place for place in behind if stable[place] < ends.get((place.topic, place.partition), 0)]
            if asyncio.get_running_loop().time() > deadline:
                break
            if behind:
                await asyncio.sleep(PAUSE)
    return [(place.topic, place.partition) for place in behind]
