"""How long things have stood still: by looking at them, and by this process's own clock.

Clocks of several machines differ, and each may be set. So the worker compares no time of another machine with its
own: it looks at intervals, and counts for how long a thing has been the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)


class Stillness(Generic[Thing]):
    """Seconds for which each thing has stood still.

    A look adds ``longest_step`` seconds at most. The worker may have been frozen, or the server away; whatever was
    held up by the same cause gets its turn before it counts as still.
    """

    def __init__(self, longest_step: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest_step = longest_step
        self._clock = clock
        self._looked = clock()
        self._seen: dict[Thing, tuple[object, float]] = {}  # the thing's state, and for how long

    def look(self, states: Mapping[Thing, object]) -> dict[Thing, float]:
        """These are all things there are, each with its state. Returns for how long each state has been the same."""
        now = self._clock()
        step = min(now - self._looked, self._longest_step)
        self._looked = now
        self._seen = {thing: (state, self._still(thing, state, step)) for thing, state in states.items()}
        return {thing: seconds for thing, (_, seconds) in self._seen.items()}

    def _still(self, thing: Thing, state: object, step: float) -> float:
        before = self._seen.get(thing)
        return before[1] + step if before and before[0] == state else 0.0
