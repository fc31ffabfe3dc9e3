"""Compares the worker with alternatives, and with the limits of the servers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from benchmarks.field import Field
from benchmarks.race import Run, race, rates, ratio
from benchmarks.runs import run_contestant, run_workers
from benchmarks.workloads import SAMPLE, ZIPF

SAMPLE_EVENTS = 3000
OURS = "salesplan run"


async def run(field: Field, rounds: int, events: int) -> list[dict[str, Any]]:
    """Prints a row for each contestant: its rate, and the worker's rate divided by it."""
    full, few = await field.prepare(ZIPF, events), await field.prepare(SAMPLE, SAMPLE_EVENTS)
    runs: dict[str, Run] = {
        OURS: lambda: run_workers(field, full, 1, verified=True),
        "(a) copy loop": lambda: run_contestant(field, full, "copy_loop"),
        "(b) a transaction an event": lambda: run_contestant(field, few, "one_by_one", "1"),
        "(b) the same, 12 side by side": lambda: run_contestant(field, few, "one_by_one", "12"),
        "(c) FastStream, single": lambda: run_contestant(field, few, "faststream_app", "single"),
        "(c) FastStream, batch": lambda: run_contestant(field, full, "faststream_app", "batch"),
        "(d) Postgres floor": lambda: run_contestant(field, full, "floor", announces=False),
        "(e) PgQueuer": lambda: run_contestant(field, few, "pgqueuer_app", announces=False),
    }
    done = await race(runs, rounds)
    ours = done[OURS]
    return [
        {
            "name": name,
            "events_per_second": asdict(rates(ran)),
            **({} if name == OURS else {"ratio_of": "ours over it", "ratio": asdict(ratio(ours, ran))}),
        }
        for name, ran in done.items()
    ]
