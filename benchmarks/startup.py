"""Measures the time from a worker's start to its first announcement, with 10,000 plans of 50 managers."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from benchmarks.field import Field, Track
from benchmarks.race import Spread, say
from benchmarks.runs import announced, started, until_handled
from benchmarks.workloads import MANY

EVENTS = 100


async def run(field: Field, rounds: int, _events: int) -> list[dict[str, Any]]:
    """Prints one row, in milliseconds. Both servers run already, and the topics hold the records."""
    track = await field.prepare(MANY, EVENTS)
    took = []
    for number in range(1, rounds + 1):
        took.append(1000 * await _start(field, track))
        say(f"round {number} of {rounds}  {took[-1]:,.0f} ms")
    return [{"name": f"{MANY.plans:,} plans", "milliseconds": {"start": asdict(Spread.of(took))}}]


async def _start(field: Field, track: Track) -> float:
    async with field.prepared(track) as (names, settings):
        began = time.time()
        async with started(field, names, 1) as workers:
            await until_handled(settings, track.events, workers)
            await workers[0].stop()
        _, last = await announced(settings)
    return last - began
