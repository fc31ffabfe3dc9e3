"""Summarizes the lines of a long run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import linear_regression, median
from typing import Any

Line = Mapping[str, float]


def summary(lines: Sequence[Line], snapshot: tuple[float, float] | None) -> dict[str, Any]:
    """Medians of the first and the last third of the lines, and the growth of memory. The first line is warm-up.

    ``snapshot`` has its first and its last minute. With it, the summary has the rates during and after the snapshot,
    divided by the rate before. Needs two lines; with a snapshot two lines before, during and after it.
    """
    warm = lines[1:]
    third = max(len(warm) // 3, 1)
    figures: dict[str, Any] = {
        name: {"first third": _median(warm[:third], name), "last third": _median(warm[-third:], name)}
        for name in warm[0]
        if name != "minute"
    }
    if len(warm) > 1:
        slope = linear_regression([line["minute"] for line in warm], [line["memory_mb"] for line in warm]).slope
        figures["memory_mb_an_hour"] = round(slope * 60, 2)
    if snapshot:
        before, beside, after = (_median(some, "events_per_second") for some in _split(warm, snapshot))
        figures["rate_with_snapshot"], figures["rate_after"] = round(beside / before, 2), round(after / before, 2)
    return figures


def _split(lines: Sequence[Line], snapshot: tuple[float, float]) -> tuple[list[Line], list[Line], list[Line]]:
    """The lines before, during and after the snapshot. The lines of its first and its last minute are left out."""
    first, last = snapshot
    return (
        [line for line in lines if line["minute"] <= first],
        [line for line in lines if first + 1 <= line["minute"] <= last],
        [line for line in lines if last + 1 <= line["minute"]],
    )


def _median(lines: Sequence[Line], name: str) -> float:
    """The median of the lines that have this figure. A minute without any read announcement has no latency."""
    return median([line[name] for line in lines if name in line])
