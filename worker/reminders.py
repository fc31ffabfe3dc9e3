"""What lasts is told when it begins, again at growing intervals, and when it is over: not every second."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable
from typing import Generic, TypeVar

FIRST = 60.0  # seconds until it is told again; doubles up to the longest
LONGEST = 3600.0

Key = TypeVar("Key", bound=Hashable)


class Reminders(Generic[Key]):
    """When to tell of each thing that lasts."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: dict[Key, tuple[float, float]] = {}  # when to tell again, and the interval that follows

    def due(self, lasting: Collection[Key]) -> list[Key]:
        """Those of the things that last now of which it is time to tell."""
        now = self._clock()
        due = [key for key in lasting if key not in self._next or now >= self._next[key][0]]
        for key in due:
            interval = self._next[key][1] if key in self._next else FIRST
            self._next[key] = now + interval, min(2 * interval, LONGEST)
        return due

    def over(self, lasting: Collection[Key]) -> list[Key]:
        """Those that were told of and no longer last; they are forgotten."""
        over = [key for key in self._next if key not in lasting]
        for key in over:
            del self._next[key]
        return over
