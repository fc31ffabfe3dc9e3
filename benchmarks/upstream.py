"""An upstream that sends each event when it is due, and never waits for the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaProducer

from benchmarks.field import Field, Track
from benchmarks.workloads import Emitted

TICK = 0.002
LINGER_MS = 5  # the default of Kafka's own producer; it is part of what is measured


async def pour(field: Field, track: Track, events: Iterable[Emitted], due: Callable[[], float]) -> int:
    """Sends as many events as are ``due`` by now, until all are sent. Returns their number.

    If the broker refuses a record, no announcement comes of it. The caller must notice this.
    """
    sent = 0
    async with AIOKafkaProducer(
        bootstrap_servers=field.kafka.bootstrap_servers, acks="all", enable_idempotence=True, linger_ms=LINGER_MS
    ) as producer:
        for event in events:
            while sent >= due():  # noqa: ASYNC110 -- what is due depends on the clock
                await asyncio.sleep(TICK)
            await producer.send(f"{track.workload.name}.{event.kind}", event.value, event.key)
            sent += 1
    return sent
