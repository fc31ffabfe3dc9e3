"""Lag of the inputs, in records and in seconds. The client knows the ends already, so no broker is asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from worker.records.record import Partition

EndAndRead = tuple[
    int, int
]  # a partition's end as a broker last told it, and the offset up to which the client has read


class PartitionLag(NamedTuple):
    """Records that are not written yet, and the age of the oldest one in seconds, None where there is none."""

    records: int
    age: float | None


@dataclass(slots=True)
class LagMeter:
    """Measures the lag. For each batch in memory it keeps the first record of each partition: its offset and time."""

    _positions: dict[Partition, int] = field(default_factory=dict)
    _batches: dict[Partition, deque[tuple[int, float]]] = field(default_factory=dict)
    # The oldest record that is not written yet: its offset, and when this class first saw it, by a monotonic clock.
    _oldest: dict[Partition, tuple[int, float]] = field(default_factory=dict)

    def restart(self, positions: Mapping[Partition, int]) -> None:
        """Forget all batches: the intake reads everything again, from these positions."""
        self._positions = dict(positions)
        self._batches = {}

    def add_batch(self, partition: Partition, offset: int, made_at: float) -> None:
        """A batch has this record as the first of the partition. ``made_at`` is in seconds since 1970."""
        self._batches.setdefault(partition, deque()).append((offset, made_at))

    def move(self, positions: Mapping[Partition, int]) -> None:
        """The worker has committed all records before these positions."""
        self._positions |= positions
        for partition, position in positions.items():
            batches = self._batches.get(partition)
            while batches and batches[0][0] < position:
                batches.popleft()

    def measure(self, ends: Mapping[Partition, EndAndRead], now: float, clock: float) -> dict[Partition, PartitionLag]:
        """The lag of each of these partitions. ``now`` is in seconds since 1970, ``clock`` is a monotonic clock."""
        self._oldest = {partition: oldest for partition, oldest in self._oldest.items() if partition in ends}
        return {partition: self._lag(partition, *found, now, clock) for partition, found in ends.items()}

    def _lag(self, partition: Partition, end: int, read: int, now: float, clock: float) -> PartitionLag:
        batches, position = self._batches.get(partition), self._positions.get(partition, read)
        # Without a batch in memory, the offsets before ``read`` are markers of transactions. They hold no records.
        if end <= position or (not batches and read >= end):
            self._oldest.pop(partition, None)
            return PartitionLag(0, None)
        offset, since = self._oldest.get(partition, (position, clock))
        if offset != position:
            since = clock
        self._oldest[partition] = position, since
        # The record's time comes from another machine's clock. Both clocks may jump; the monotonic one does not.
        by_its_time = now - batches[0][1] if batches else 0.0
        return PartitionLag(end - position, max(by_its_time, clock - since))
