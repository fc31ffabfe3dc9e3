"""Runs contestants in rounds. Each runs once a round, so a disturbance of the machine hits all of them alike."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.runs import Ran

Run = Callable[[], Coroutine[Any, Any, Ran]]


@dataclass(frozen=True)
class Spread:
    """The median, the smallest and the largest value of several rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of these values; needs at least one."""
        return cls(median(values), min(values), max(values))


async def race(runs: Mapping[str, Run], rounds: int) -> dict[str, list[Ran]]:
    """Runs each contestant once a round, one after the other. Prints the result of each."""
    done: dict[str, list[Ran]] = {name: [] for name in runs}
    for number in range(1, rounds + 1):
        for name, run in runs.items():
            ran = await run()
            done[name].append(ran)
            say(f"round {number} of {rounds}  {name:<24} {ran.rate:>9,.0f} events/s")
    return done


def rates(ran: Sequence[Ran]) -> Spread:
    """Events a second."""
    return Spread.of([one.rate for one in ran])


def ratio(of: Sequence[Ran], to: Sequence[Ran]) -> Spread:
    """The ratios of the rates in ``of`` to those in ``to``, round by round."""
    return Spread.of([one.rate / other.rate for one, other in zip(of, to, strict=True)])


def say(line: str) -> None:
    """Writes a line about the progress to stderr."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
