"""What has happened since the start: faults with their times, and whatever was found to be wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial

tell = partial(print, flush=True)


@dataclass
class Fault:
    """One fault. ``alone``: nothing else was at work from its begin until its recovery."""

    name: str
    server: bool  # whether it takes a server, or the way to one, away
    began: float
    alone: bool
    ended: float | None = None
    handled: int = 0  # records with an outcome when it ended
    first: float | None = None  # seconds from its end until the first new outcome
    drained: float | None = None  # seconds from its end until the workers kept up again, in every partition

    @property
    def over(self) -> bool:
        return self.ended is not None and self.drained is not None


@dataclass
class Timeline:
    """Times are seconds since the start."""

    faults: list[Fault] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _start: float = field(default_factory=time.monotonic)

    @property
    def now(self) -> float:
        return time.monotonic() - self._start

    @property
    def at_work(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.ended is None]

    def say(self, text: str, at: float | None = None) -> None:
        tell(f"{self.now if at is None else at:7.1f}  {text}")

    def violation(self, text: str) -> None:
        self.violations.append(text)
        self.say(f"VIOLATION: {text}")

    def note(self, text: str) -> None:
        self.notes.append(f"{self.now:.1f}: {text}")
        self.say(f"note: {text}")

    def begin(self, name: str, *, server: bool) -> Fault:
        """A fault begins; others that are not yet got over are no longer alone."""
        unfinished = [fault for fault in self.faults if fault.alone and not fault.over] + self.at_work
        for fault in unfinished:
            fault.alone = False
        fault = Fault(name, server, self.now, alone=not unfinished)
        self.faults.append(fault)
        return fault

    def end(self, fault: Fault, handled: int) -> None:
        fault.ended, fault.handled = self.now, handled
