"""A batch: what arrived while the last one was being written. Pure: imports only the standard library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from worker.records.record import PARTITION_OF, Partition, Record
from worker.rules.event import Event, Poison


@dataclass(frozen=True, slots=True)
class Batch:
    """Records and what they decode to, in order; each partition's without a gap but for offsets the log skips.

    ``expected`` is each partition's position before the batch, ``generation`` that of the gate they came through,
    ``reading`` the group's latest when the positions were read. ``fetched_at`` is in seconds of a monotonic clock,
    ``oldest`` the time of each partition's first record, in seconds since 1970.
    """

    records: Sequence[Record]
    events: Sequence[Event]
    expected: Mapping[Partition, int]
    generation: int = 0
    reading: int = 1
    fetched_at: float = 0.0
    oldest: Mapping[Partition, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.records)

    def next_offsets(self) -> dict[Partition, int]:
        """Each partition's position after the batch."""
        return {partition: run[-1].offset + 1 for partition, run in self.runs()}

    def runs(self) -> Iterator[tuple[Partition, Sequence[Record]]]:
        """Records of one partition that follow each other; as they are fetched, that is all there are of it."""
        for partition, run in groupby(self.records, PARTITION_OF):
            yield partition, list(run)

    def halves(self) -> Iterator[Batch]:
        """The same records as two batches, to be written one after the other."""
        middle = len(self) // 2
        first = self._part(slice(middle), self.expected)
        yield first
        yield self._part(slice(middle, None), {**self.expected, **first.next_offsets()})

    def _part(self, place: slice, expected: Mapping[Partition, int]) -> Batch:
        part = replace(self, records=self.records[place], events=self.events[place], expected=expected)
        oldest = {partition: run[0].timestamp / 1000 for partition, run in reversed(list(part.runs()))}
        return replace(part, oldest=oldest)

    def refused(self, poison: Poison) -> Batch:
        """The same single record as a dead letter."""
        return replace(self, events=[poison])
