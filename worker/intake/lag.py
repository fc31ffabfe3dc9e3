"""How far the inputs are read behind their ends, from what the client is told anyway: nobody is asked for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from worker.records.record import Partition

Reached = tuple[int, int]  # a partition's end as last heard of, and up to where the client has read it


class Behind(NamedTuple):
    """Records not yet written, and for how many seconds the oldest of them has been there; None for none."""

    records: int
    age: float | None


@dataclass(slots=True)
class Lag:
    """Keeps, for each partition, what was fetched and is not yet written: a first offset and its time a batch."""

    _written: dict[Partition, int] = field(default_factory=dict)
    _fetched: dict[Partition, deque[tuple[int, float]]] = field(default_factory=dict)
    # Since when the oldest record is known that is not yet written: its offset, and a time of a monotonic clock.
    _noticed: dict[Partition, tuple[int, float]] = field(default_factory=dict)

    def sought(self, positions: Mapping[Partition, int]) -> None:
        """Everything is read anew, from these positions."""
        self._written = dict(positions)
        self._fetched = {}

    def fetched(self, partition: Partition, offset: int, made_at: float) -> None:
        """A batch begins with this record of the partition."""
        self._fetched.setdefault(partition, deque()).append((offset, made_at))

    def written(self, positions: Mapping[Partition, int]) -> None:
        """What lies before these positions is committed."""
        self._written |= positions
        for partition, position in positions.items():
            waiting = self._fetched.get(partition)
            while waiting and waiting[0][0] < position:
                waiting.popleft()

    def look(self, reached: Mapping[Partition, Reached], now: float, clock: float) -> dict[Partition, Behind]:
        """How far each of these is behind. ``now`` is in seconds since 1970, ``clock`` those of a monotonic clock."""
        self._noticed = {partition: seen for partition, seen in self._noticed.items() if partition in reached}
        return {partition: self._behind(partition, *ends, now, clock) for partition, ends in reached.items()}

    def _behind(self, partition: Partition, end: int, read: int, now: float, clock: float) -> Behind:
        waiting, written = self._fetched.get(partition), self._written.get(partition, read)
        # What the client has read over without handing it out are markers of transactions: nothing waits there.
        if end <= written or (not waiting and read >= end):
            self._noticed.pop(partition, None)
            return Behind(0, None)
        offset, noticed = self._noticed.get(partition, (written, clock))
        if offset != written:
            noticed = clock
        self._noticed[partition] = written, noticed
        # The record's own time is by another machine's clock, and either clock may be set: this one goes on.
        by_its_time = now - waiting[0][1] if waiting else 0.0
        return Behind(end - written, max(by_its_time, clock - noticed))
