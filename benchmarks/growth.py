"""Measures the rate as plans, managers, ledger and workers grow. Prints figures, and draws a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.field import Field, Track
from benchmarks.race import Run, race, rates
from benchmarks.runs import run_workers
from benchmarks.workloads import ZIPF, Workload

PICTURE = Path(__file__).with_name("growth.svg")
# The points of each axis, with the workload and the number of workers. All else is as in the workload `zipf`.
AXES: Mapping[str, Mapping[int, tuple[Workload, int]]] = {
    "plans": {n: (replace(ZIPF, name=f"plans-{n}", plans=n), 1) for n in (1, 10, 100, 1_000, 10_000)},
    "managers a plan": {n: (replace(ZIPF, name=f"managers-{n}", managers=n), 1) for n in (2, 10, 50, 200)},
    "leads in the ledger": {n: (replace(ZIPF, name=f"ledger-{n}", ledger=n), 1) for n in (0, 1_000_000, 10_000_000)},
    "workers": {n: (ZIPF, n) for n in (1, 2, 4)},
}


async def run(field: Field, rounds: int, events: int) -> list[dict[str, Any]]:
    """Prints a row for each point of each axis."""
    tracks: dict[str, Track] = {}
    runs: dict[str, Run] = {}
    for axis, points in AXES.items():
        for value, (workload, workers) in points.items():
            track = tracks[workload.name] = tracks.get(workload.name) or await field.prepare(workload, events)
            runs[_name(axis, value)] = partial(run_workers, field, track, workers)
    done = await race(runs, rounds)
    rows = [{"name": name, "events_per_second": asdict(rates(ran))} for name, ran in done.items()]
    draw(rows)
    return rows


def _name(axis: str, value: int) -> str:
    return f"{value:,} {axis}"


def draw(rows: list[dict[str, Any]]) -> None:
    """Draws a panel for each axis, on one scale. Bars reach from the smallest value to the largest."""
    mpl.rcParams |= {"svg.hashsalt": "salesplan", "svg.fonttype": "none"}  # the same figures give the same file
    found = {row["name"]: row["events_per_second"] for row in rows}
    figure = Figure(figsize=(11, 3), layout="constrained")
    for panel, (axis, values) in zip(figure.subplots(1, len(AXES), sharey=True), AXES.items(), strict=True):
        spreads = [found[_name(axis, value)] for value in values]
        medians = [spread["median"] for spread in spreads]
        low = [spread["median"] - spread["least"] for spread in spreads]
        high = [spread["most"] - spread["median"] for spread in spreads]
        panel.errorbar(range(len(values)), medians, yerr=(low, high), marker="o", capsize=3)
        panel.set_xticks(range(len(values)), [f"{value:,}" for value in values], rotation=30)
        panel.set_xlabel(axis)
    figure.axes[0].set_ylabel("events a second")
    figure.axes[0].set_ylim(0, 1.05 * max(spread["most"] for spread in found.values()))
    figure.savefig(PICTURE, metadata={"Date": None})
