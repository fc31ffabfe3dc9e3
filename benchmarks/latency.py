"""Measures the latency of a lead. Events are sent at a fixed rate; each one's time begins at its intended moment.

For comparison, at one rate: the latency of sender, broker and reader alone, and with a copying program between them.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import asdict, replace
from statistics import quantiles
from typing import Any, TypeAlias
from uuid import uuid4

from aiokafka import AIOKafkaConsumer

from benchmarks.downstream import reader
from benchmarks.field import Field, Track
from benchmarks.race import Spread, say
from benchmarks.runs import NotTheWorkError, contestant, started, until_handled, until_ready
from benchmarks.upstream import pour
from benchmarks.workloads import ZIPF, lead_number

RATES = (500, 2_000, 10_000)  # events a second
COMPARED = 2_000
SECONDS = 20
WARM_UP = 25  # seconds that don't count: the JVM of a new broker first compiles its code on the same two cores
READ_SECONDS = 60.0  # time until the last announcement must be readable
PERCENTILES = (50, 95, 99)

# Runs a program between sender and reader during a block, and gives the topics that events come out of.
Between: TypeAlias = Callable[[Field, Track], AbstractAsyncContextManager[list[str]]]


async def run(field: Field, rounds: int, _events: int) -> list[dict[str, Any]]:
    """Prints for each rate the milliseconds from the intended moment until a read_committed consumer had the lead."""
    runs: dict[str, tuple[int, Between]] = {f"{rate:,} events a second": (rate, _worker) for rate in RATES}
    runs |= {
        f"{COMPARED:,}, nothing between": (COMPARED, _nothing),
        f"{COMPARED:,}, copied in transactions": (COMPARED, _copier),
    }
    found: dict[str, list[list[float]]] = defaultdict(list)
    for number in range(1, rounds + 1):
        for name, (rate, between) in runs.items():
            with _no_collection():
                percentiles = quantiles(await _latencies(field, rate, between), n=100)
            found[name].append([1000 * percentiles[percent - 1] for percent in PERCENTILES])
            say(f"round {number} of {rounds}  {name}: {', '.join(f'{ms:.0f} ms' for ms in found[name][-1])}")
    return [
        {
            "name": name,
            "milliseconds": {
                f"p{percent}": asdict(Spread.of(of_rounds))
                for percent, of_rounds in zip(PERCENTILES, zip(*found[name], strict=True), strict=True)
            },
        }
        for name in runs
    ]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Turns garbage collection off. This process sends and reads, so its pauses would count as the worker's."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _latencies(field: Field, rate: int, between: Between) -> list[float]:
    """Makes one run at one rate. Returns the seconds that each event after the warm-up took."""
    events = list(ZIPF.events(rate * (WARM_UP + SECONDS)))
    track = replace(await field.prepare(replace(ZIPF, name=f"open-{uuid4().hex[:8]}"), 0), events=len(events))
    async with between(field, track) as topics, reader(field, topics) as client:
        began = time.time()
        sending = asyncio.create_task(pour(field, track, events, lambda: (time.time() - began) * rate))
        latencies = await _read(client, len(events), rate, began)
        await sending
    return latencies


@asynccontextmanager
async def _worker(field: Field, track: Track) -> AsyncIterator[list[str]]:
    async with field.prepared(track) as (names, settings), started(field, names, 1) as workers:
        await until_ready(workers[0])
        yield [settings.topics.lead_assigned]
        await until_handled(settings, track.events, workers)
        await workers[0].stop()


@asynccontextmanager
async def _nothing(_field: Field, track: Track) -> AsyncIterator[list[str]]:
    yield [*track.topics.values()]


@asynccontextmanager
async def _copier(field: Field, track: Track) -> AsyncIterator[list[str]]:
    output = f"out-{track.workload.name}"
    await field.make_topics([output])
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(contestant(field, track, track.template, output, "copy_in_transactions"))
        yield [output]
    await field.remove_topics([output])


async def _read(client: AIOKafkaConsumer, count: int, rate: int, began: float) -> list[float]:
    """The seconds from each event's intended moment until its lead is read. Its name's number tells the moment."""
    found: list[float] = []
    missing = count
    try:
        async with asyncio.timeout(WARM_UP + SECONDS + READ_SECONDS):
            while missing:
                fetched = await client.getmany(timeout_ms=100)
                now = time.time()
                for records in fetched.values():
                    numbers = [lead_number(record.key) for record in records]
                    found += [now - began - number / rate for number in numbers if number >= rate * WARM_UP]
                    missing -= len(numbers)
    except TimeoutError:
        raise NotTheWorkError(f"{rate} a second: {missing} of {count} did not come out") from None
    return found
