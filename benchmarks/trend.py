"""What the lines of a long run say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import linear_regression, median
from typing import Any

Line = Mapping[str, float]


def summary(lines: Sequence[Line], snapshot: tuple[float, float] | None) -> dict[str, Any]:
    """Of all lines but the first, in which everything warms up: medians of the first third and the last, and how memory
    grows; with a snapshot (its first minute and its last) the rates while it was open and after it, over those before.

    There have to be two lines, and with a snapshot two before it and two of each of the others.
    """
    warm = lines[1:]
    third = max(len(warm) // 3, 1)
    told: dict[str, Any] = {
        name: {"first third": _median(warm[:third], name), "last third": _median(warm[-third:], name)}
        for name in warm[0]
        if name != "minute"
    }
    if len(warm) > 1:
        slope = linear_regression([line["minute"] for line in warm], [line["memory_mb"] for line in warm]).slope
        told["memory_mb_an_hour"] = round(slope * 60, 2)
    if snapshot:
        before, beside, after = (_median(some, "events_per_second") for some in _split(warm, snapshot))
        told["rate_with_snapshot"], told["rate_after"] = round(beside / before, 2), round(after / before, 2)
    return told


def _split(lines: Sequence[Line], snapshot: tuple[float, float]) -> tuple[list[Line], list[Line], list[Line]]:
    """Those before it, while it was open, and after it; those in which it began or ended are none of these."""
    first, last = snapshot
    return (
        [line for line in lines if line["minute"] <= first],
        [line for line in lines if first + 1 <= line["minute"] <= last],
        [line for line in lines if last + 1 <= line["minute"]],
    )


def _median(lines: Sequence[Line], name: str) -> float:
    """Of those that have it: a minute in which nothing was read has no latency."""
    return median([line[name] for line in lines if name in line])
