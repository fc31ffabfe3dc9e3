"""The shares of a plan over time, as its page shows them: a picture, its legend and its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from console.columns import Columns, drawn
from console.days import Day, Shares
from console.names import Names
from worker.plans.change import StoredPlan

MOST_SERIES = 6  # managers with a colour of their own; the others share one


@dataclass(frozen=True, slots=True)
class Series:
    """A manager in the picture; ``name`` None: all others together. ``share`` is a part of 1."""

    color: int
    name: str | None
    clients: int
    share: float


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day's clients, by series, and in all."""

    date: date
    clients: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SharesView:
    """The section of the page. ``others`` is how many managers the last series holds, 0 if there is no such series."""

    days: int
    total: int
    series: tuple[Series, ...]
    others: int
    lines: tuple[DayLine, ...]
    picture: Columns


def shares_view(plan: StoredPlan, names: Names, days: Sequence[Day], shares: Sequence[Shares]) -> SharesView:
    """The days in their order, each with its shares."""
    totals = Counter[str]()
    for each in shares:
        totals.update(each)
    shown = _shown(plan, totals)
    others = len(totals.keys() - set(shown))
    lines = tuple(_line(day, each, shown, has_others=bool(others)) for day, each in zip(days, shares, strict=True))
    clients = [sum(numbers) for numbers in zip(*(line.clients for line in lines), strict=True)]
    total = sum(clients)
    labels = [*(names.manager(manager) for manager in shown), *([None] if others else [])]
    return SharesView(
        days=len(days),
        total=total,
        series=tuple(
            Series(color if name is not None else MOST_SERIES, name, count, count / total)
            for color, (name, count) in enumerate(zip(labels, clients, strict=True))
        ),
        others=others,
        lines=lines,
        picture=drawn([line.clients for line in lines]),
    )


def _shown(plan: StoredPlan, totals: Counter[str]) -> list[str]:
    """The managers with the most clients, in the plan's own order, so that colours stay while numbers change."""
    order = {manager: index for index, manager in enumerate(plan.roster)}
    largest = sorted(totals, key=lambda manager: (-totals[manager], order.get(manager, len(order)), manager))
    if len(largest) > MOST_SERIES:
        largest = largest[: MOST_SERIES - 1]
    return sorted(largest, key=lambda manager: (order.get(manager, len(order)), manager))


def _line(day: Day, shares: Shares, shown: Sequence[str], *, has_others: bool) -> DayLine:
    total = sum(shares.values())
    clients = [shares.get(manager, 0) for manager in shown]
    if has_others:
        clients.append(total - sum(clients))
    return DayLine(day.date, tuple(clients), total)
