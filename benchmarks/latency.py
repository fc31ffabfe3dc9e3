"""How long a lead takes: events at a fixed rate, whatever comes back, each timed from when it was to be sent."""

from __future__ import annotations

import asyncio
import gc
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from statistics import quantiles
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.field import PARTITIONS, Field, Track
from benchmarks.race import Spread, say
from benchmarks.runs import NotTheWorkError, started, until_handled
from benchmarks.workloads import ZIPF, Emitted
from tests.stage.workers import WorkerProcess

RATES = (500, 2_000, 10_000)  # events a second
SECONDS = 20
WARM_UP = 25  # seconds of which nothing counts: a new broker first compiles itself, on the same two cores
TICK = 0.002
LINGER_MS = 5  # the default of Kafka's own producer; it is part of what is measured
READ_SECONDS = 60.0  # for the last announcement to be readable
PERCENTILES = (50, 95, 99)


async def run(field: Field, rounds: int, _events: int) -> list[dict[str, Any]]:
    """A row for each rate: milliseconds from the intended moment until the announcement was read, read_committed."""
    found: dict[int, list[list[float]]] = defaultdict(list)
    for number in range(1, rounds + 1):
        for rate in RATES:
            with _no_collection():
                percentiles = quantiles(await _latencies(field, rate, f"open-{rate}-{number}"), n=100)
            found[rate].append([1000 * percentiles[percent - 1] for percent in PERCENTILES])
            say(f"round {number} of {rounds}  {rate} a second: {', '.join(f'{ms:.0f} ms' for ms in found[rate][-1])}")
    return [
        {
            "name": f"{rate:,} events a second",
            "milliseconds": {
                f"p{percent}": asdict(Spread.of(of_rounds))
                for percent, of_rounds in zip(PERCENTILES, zip(*found[rate], strict=True), strict=True)
            },
        }
        for rate in RATES
    ]


@contextmanager
def _no_collection() -> Iterator[None]:
    """A pause of this process, which sends and reads, would count as the worker's."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _latencies(field: Field, rate: int, name: str) -> list[float]:
    """One worker, one rate; seconds of each event after the warm-up."""
    track = await field.prepare(replace(ZIPF, name=name), 0)
    events = list(track.workload.events(rate * (WARM_UP + SECONDS)))
    async with field.prepared(track) as (names, settings):
        output = settings.topics.lead_assigned
        async with started(field, names, 1) as workers, _reader(field, output) as reader:
            await _until_ready(workers[0])
            began = time.time()
            sending = asyncio.create_task(_send(field, track, events, rate, began))
            latencies = await _read(reader, len(events), rate, began)
            await sending
            await until_handled(settings, len(events), workers)
            await workers[0].stop()
    return latencies


async def _until_ready(worker: WorkerProcess) -> None:
    async with asyncio.timeout(READ_SECONDS):
        while await worker.probe("/readyz") != 200:  # noqa: ASYNC110 -- another process
            await asyncio.sleep(TICK)


async def _send(field: Field, track: Track, events: Sequence[Emitted], rate: int, began: float) -> None:
    """Each event when it is due, or as soon after as the sender can. Of one that is refused no announcement comes."""
    sent = 0
    async with AIOKafkaProducer(
        bootstrap_servers=field.kafka.bootstrap_servers, acks="all", enable_idempotence=True, linger_ms=LINGER_MS
    ) as producer:
        while sent < len(events):
            due = events[sent : int((time.time() - began) * rate) + 1]
            for event in due:
                await producer.send(f"{track.workload.name}.{event.kind}", event.value, event.key)
            sent += len(due)
            await asyncio.sleep(TICK)


def _reader(field: Field, topic: str) -> AIOKafkaConsumer:
    client = AIOKafkaConsumer(
        bootstrap_servers=field.kafka.bootstrap_servers,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
    )
    client.assign([TopicPartition(topic, partition) for partition in range(PARTITIONS)])
    return client


async def _read(reader: AIOKafkaConsumer, count: int, rate: int, began: float) -> list[float]:
    """From when each event was to be sent, as the number in its lead's name tells, until it is read here."""
    found: list[float] = []
    missing = count
    try:
        async with asyncio.timeout(WARM_UP + SECONDS + READ_SECONDS):
            while missing:
                fetched = await reader.getmany(timeout_ms=100)
                now = time.time()
                for records in fetched.values():
                    numbers = [int((record.key or b"").removeprefix(b"lead-")) for record in records]
                    found += [now - began - number / rate for number in numbers if number >= rate * WARM_UP]
                    missing -= len(numbers)
    except TimeoutError:
        raise NotTheWorkError(f"{rate} a second: {missing} of {count} announcements did not come") from None
    return found
