"""Shows the demo's progress: a live table on a terminal, or else a plain line every two seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from types import TracebackType
from typing import NamedTuple, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

PLAIN_SECONDS = 2.0
BAR = 24


class Share(NamedTuple):
    """A manager's leads in one plan."""

    plan_id: str
    mode: str
    manager_id: str
    active: bool
    leads: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The number of records with an outcome, the number for each outcome, and the managers' leads."""

    done: int
    assigned: int
    already_assigned: int
    waiting: int
    no_match: int
    contact_recorded: int
    dead_lettered: int
    shares: list[Share]


class Screen:
    """Shows the progress during a `with` block."""

    def __init__(self, console: Console, events: int) -> None:
        self._console = console
        self._events = events
        self._live = Live(console=console, refresh_per_second=4) if console.is_terminal else None
        self._began = self._said = time.monotonic()

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, progress: Progress) -> None:
        """Shows the progress. Outside a terminal it prints a line only if two seconds have passed, or at the end."""
        now = time.monotonic()
        line = self._line(progress, now - self._began)
        if self._live:
            self._live.update(Group(Text(line), shares_table(progress.shares)))
        elif now - self._said >= PLAIN_SECONDS or progress.done >= self._events:
            self._said = now
            self._console.print(line, highlight=False, soft_wrap=True)

    def _line(self, progress: Progress, seconds: float) -> str:
        return (
            f"{progress.done:,} of {self._events:,} events, {progress.done / seconds:,.0f}/s, "
            f"lag {self._events - progress.done:,}: assigned {progress.assigned:,}, "
            f"already assigned {progress.already_assigned:,}, waiting {progress.waiting:,}, "
            f"no match {progress.no_match:,}, contacts {progress.contact_recorded:,}, "
            f"dead letters {progress.dead_lettered:,}"
        )


def shares_table(shares: Sequence[Share]) -> Table:
    """A table of the managers' leads, plan by plan, with a bar for each manager."""
    table = Table("plan", "mode", "manager", "leads", "", box=None, pad_edge=False)
    table.columns[3].justify = "right"
    most = max((share.leads for share in shares), default=0) or 1
    for (plan_id, mode), members in groupby(shares, key=lambda share: (share.plan_id, share.mode)):
        first = (plan_id, mode)
        for share in members:
            name = share.manager_id if share.active else f"{share.manager_id} (paused)"
            table.add_row(*first, name, f"{share.leads:,}", "#" * round(BAR * share.leads / most))
            first = ("", "")
    return table
