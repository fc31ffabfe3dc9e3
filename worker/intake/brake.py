"""Tells bad records from a bad deploy. Pure: imports only the standard library."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from worker.rules.event import Event, Poison


class BrakeError(Exception):
    """So much of the input is poison that the fault is more likely here or upstream than in the records."""


@dataclass(slots=True)
class Brake:
    """Stops the worker after ``consecutive`` dead letters in a row, or a share above ``ratio`` of the last ``window``.

    The share counts only once ``window`` records were seen: the first record may well be the one that is bad.
    """

    consecutive: int
    ratio: float
    window: int
    generation: int = 0
    is_on: bool = False  # it has stopped the worker, for good
    _row: int = 0
    _recent: deque[bool] = field(default_factory=deque)
    _poison: int = 0

    def check(self, events: Sequence[Event], generation: int = 0) -> None:
        """Look at a batch before it is written. Raises BrakeError, and then nothing of the batch may be written.

        A new ``generation`` of the intake reads records again that were seen before: the count begins anew.
        """
        if generation != self.generation:
            self.generation, self._row, self._poison = generation, 0, 0
            self._recent.clear()
        for event in events:
            bad = isinstance(event, Poison)
            self._row = self._row + 1 if bad else 0
            self._recent.append(bad)
            self._poison += bad
            if len(self._recent) > self.window:
                self._poison -= self._recent.popleft()
            if not bad:
                continue
            if self._row >= self.consecutive:
                self._stop(f"{self._row} dead letters in a row")
            if len(self._recent) == self.window and self._poison > self.ratio * self.window:
                self._stop(f"{self._poison} dead letters among the last {self.window} records")

    def _stop(self, why: str) -> NoReturn:
        self.is_on = True
        raise BrakeError(why)
