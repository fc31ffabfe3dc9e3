"""How far the inputs are read behind their ends, from what the client is told anyway: nobody is asked for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from worker.batch import Partition

Reached = tuple[int, int]  # a partition's end as last heard of, and up to where the client has read it


class Behind(NamedTuple):
    """Records not yet written, and since when the oldest of them is there, in seconds since 1970; None for none."""

    records: int
    since: float | None


@dataclass(slots=True)
class Lag:
    """Keeps, for each partition, what was fetched and is not yet written: a first offset and its time a batch."""

    _written: dict[Partition, int] = field(default_factory=dict)
    _fetched: dict[Partition, deque[tuple[int, float]]] = field(default_factory=dict)
    _noticed: dict[Partition, float] = field(default_factory=dict)  # when records never fetched were first heard of

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

    def look(self, reached: Mapping[Partition, Reached], now: float) -> dict[Partition, Behind]:
        """How far each of these partitions is behind."""
        self._noticed = {partition: since for partition, since in self._noticed.items() if partition in reached}
        return {partition: self._behind(partition, *ends, now) for partition, ends in reached.items()}

    def _behind(self, partition: Partition, end: int, read: int, now: float) -> Behind:
        waiting = self._fetched.get(partition)
        records = end - self._written.get(partition, read)
        # What the client has read over without handing it out are markers of transactions: nothing waits there.
        if records <= 0 or (not waiting and read >= end):
            self._noticed.pop(partition, None)
            return Behind(0, None)
        since = self._noticed.setdefault(partition, now)
        return Behind(records, waiting[0][1] if waiting else since)
