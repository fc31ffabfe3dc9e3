"""Measures how long the state of a thing has not changed, by this process's own clock.

Clocks of several machines differ, and anybody may set each of them. So the worker never compares another machine's time
with its own. It looks at intervals, and adds up the time for which the state is the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)


class Stillness(Generic[Thing]):
    """Seconds for which the state of each thing has not changed.

    A look adds ``longest_step`` seconds at most. The worker may have been frozen, or the server away. The same cause
    may have stopped the thing, which then gets time to go on before it counts as still.
    """

    def __init__(self, longest_step: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest_step = longest_step
        self._clock = clock
        self._last_look = clock()
        # state of each thing, and the seconds for which it is the same
        self._states: dict[Thing, tuple[object, float]] = {}

    def look(self, states: Mapping[Thing, object]) -> dict[Thing, float]:
        """Take the present states of all things. Returns the seconds for which each state has been the same."""
        now = self._clock()
        step = min(now - self._last_look, self._longest_step)
        self._last_look = now
        self._states = {thing: (state, self._still(thing, state, step)) for thing, state in states.items()}
        return {thing: seconds for thing, (_, seconds) in self._states.items()}

    def _still(self, thing: Thing, state: object, step: float) -> float:
        before = self._states.get(thing)
        return before[1] + step if before and before[0] == state else 0.0
