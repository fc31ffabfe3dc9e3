"""Compares the worker with itself: other workloads, and more workers."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from benchmarks.field import Field
from benchmarks.race import Run, race, rates, ratio
from benchmarks.runs import Ran, run_workers
from benchmarks.workloads import HOT, WORKLOADS, ZIPF

BASE = ZIPF.name


async def workloads(field: Field, rounds: int, events: int) -> list[dict[str, Any]]:
    """Prints a row for each workload: its rate, and this rate divided by that of the workload `zipf`."""
    tracks = [await field.prepare(workload, events) for workload in WORKLOADS]
    runs: dict[str, Run] = {
        track.workload.name: partial(run_workers, field, track, 1, verified=not track.workload.ledger)
        for track in tracks
    }
    return _rows(await race(runs, rounds), BASE)


async def workers(field: Field, rounds: int, events: int) -> list[dict[str, Any]]:
    """Prints the rates of one, two and four workers, over the plans of `zipf` and over one hot plan."""
    runs: dict[str, Run] = {}
    for workload in (ZIPF, HOT):
        track = await field.prepare(workload, events * 2)
        for count in (1, 2, 4):
            runs[f"{workload.name}, {count}"] = partial(run_workers, field, track, count)
    return _rows(await race(runs, rounds), f"{BASE}, 1")


def _rows(done: dict[str, list[Ran]], base: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "events_per_second": asdict(rates(ran)),
            "largest_worker_mb": round(max(one.memory for one in ran) / 1e6),
            **({} if name == base else {"ratio_of": f"over {base}", "ratio": asdict(ratio(ran, done[base]))}),
        }
        for name, ran in done.items()
    ]
