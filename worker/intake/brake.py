"""Tells bad records from a bad deploy. Pure: imports only the standard library."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from worker.rules.event import Event, Poison


class BrakeError(Exception):
    """Very many records became dead letters. The fault is probably in the worker or upstream, not in the records."""


@dataclass(slots=True)
class Brake:
    """Stops the worker after ``consecutive`` dead letters in a row, or a share above ``ratio`` of the last ``window``.

    The share counts only after the first ``window`` records, because a few bad records at the start prove nothing.
    """

    consecutive: int
    ratio: float
    window: int
    generation: int = 0
    is_on: bool = False  # once on, it stays on until the process ends
    _in_a_row: int = 0  # dead letters since the last good record
    _recent: deque[bool] = field(default_factory=deque)  # for each of the last records: is it a dead letter?
    _recent_poison: int = 0  # how many of ``_recent`` are True

    def check(self, events: Sequence[Event], generation: int = 0) -> None:
        """Count the dead letters of a batch before it is written.

        Raises BrakeError; then the worker must write nothing of the batch. In a new ``generation`` the intake may read
        the same records again, so all counts start at 0.
        """
        if generation != self.generation:
            self.generation, self._in_a_row, self._recent_poison = generation, 0, 0
            self._recent.clear()
        for event in events:
            is_poison = isinstance(event, Poison)
            self._in_a_row = self._in_a_row + 1 if is_poison else 0
            self._recent.append(is_poison)
            self._recent_poison += is_poison
            if len(self._recent) > self.window:
                self._recent_poison -= self._recent.popleft()
            if not is_poison:
                continue
            if self._in_a_row >= self.consecutive:
                self._stop(f"{self._in_a_row} dead letters in a row")
            if len(self._recent) == self.window and self._recent_poison > self.ratio * self.window:
                self._stop(f"{self._recent_poison} dead letters among the last {self.window} records")

    def _stop(self, why: str) -> NoReturn:
        self.is_on = True
        raise BrakeError(why)
