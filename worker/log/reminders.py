"""Logs a lasting trouble at once, and again at growing intervals."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

# seconds from a line to its repetition; the last one repeats for ever
INTERVALS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
FORGET_AFTER = 120.0  # seconds without the trouble, after which it counts as new

FIRST = 60.0  # seconds until a schedule reports a thing again; doubles up to the longest
LONGEST = 3600.0

Key = TypeVar("Key", bound=Hashable)

log = structlog.get_logger()


@dataclass(slots=True)
class _Trouble:
    written_at: float
    last_seen_at: float
    lines: int = 1
    unwritten: int = 0  # occurrences since the last line


class Reminders:
    """Decides which lines are due. Lines with different words count as different troubles."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._troubles: dict[tuple[object, ...], _Trouble] = {}

    def warning(self, event: str, **words: object) -> None:
        """Log a warning if it is due. ``repeated`` counts the omitted lines."""
        if (left_out := self._left_out(event, words)) is not None:
            log.warning(event, **words, **left_out)

    def error(self, event: str, **words: object) -> None:
        """Log an error if it is due; otherwise like ``warning``."""
        if (left_out := self._left_out(event, words)) is not None:
            log.error(event, **words, **left_out)

    def _left_out(self, event: str, words: dict[str, object]) -> dict[str, int] | None:
        """Return the number of omitted lines as a field for the log; None if this line is omitted too."""
        now = self._clock()
        self._troubles = {key: each for key, each in self._troubles.items() if now - each.last_seen_at < FORGET_AFTER}
        key = (event, repr(sorted(words.items())))
        trouble = self._troubles.get(key)
        if trouble is None:
            self._troubles[key] = _Trouble(now, now)
            return {}
        trouble.last_seen_at = now
        if now - trouble.written_at < INTERVALS[min(trouble.lines, len(INTERVALS)) - 1]:
            trouble.unwritten += 1
            return None
        left_out = {"repeated": trouble.unwritten + 1}
        trouble.written_at, trouble.unwritten = now, 0
        trouble.lines += 1
        return left_out


class Schedule(Generic[Key]):
    """Decides when to report each lasting thing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: dict[Key, tuple[float, float]] = {}  # time of the next report, and the interval after it

    def due(self, lasting: Collection[Key]) -> list[Key]:
        """Return the lasting things that are due for a report now."""
        now = self._clock()
        due = [key for key in lasting if key not in self._next or now >= self._next[key][0]]
        for key in due:
            interval = self._next[key][1] if key in self._next else FIRST
            self._next[key] = now + interval, min(2 * interval, LONGEST)
        return due

    def over(self, lasting: Collection[Key]) -> list[Key]:
        """Return the reported things that no longer last, and forget them."""
        over = [key for key in self._next if key not in lasting]
        for key in over:
            del self._next[key]
        return over
