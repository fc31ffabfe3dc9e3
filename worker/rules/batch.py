"""The work of one transaction: a batch or a wake-up. Pure: imports only the standard library and pure modules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from worker.records.record import PARTITION_OF, Partition, Record
from worker.rules.event import Event, Poison
from worker.rules.ids import PlanNo


@dataclass(frozen=True, slots=True)
class Fetched:
    """Fetched records in order. Those of one partition have no gap except for offsets that the log skips.

    ``expected`` is each partition's position before these records. ``generation`` is the intake's when it fetched them.
    ``reading`` is the group's latest when the intake read the positions. ``fetched_at`` is in seconds of a monotonic
    clock. ``oldest`` is the time of each partition's first record, in seconds since 1970.
    """

    records: Sequence[Record]
    expected: Mapping[Partition, int]
    generation: int = 0
    reading: int = 1
    fetched_at: float = 0.0
    oldest: Mapping[Partition, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.records)

    def next_offsets(self) -> dict[Partition, int]:
        """Each partition's position after these records."""
        return {partition: run[-1].offset + 1 for partition, run in self.runs()}

    def runs(self) -> Iterator[tuple[Partition, Sequence[Record]]]:
        """Each partition with its consecutive records. A fetched batch has one run for each partition."""
        for partition, run in groupby(self.records, PARTITION_OF):
            yield partition, list(run)

    def split(self, index: int) -> tuple[Fetched, Fetched]:
        """The records before this index, and the rest."""
        first = self._part(self.records[:index], self.expected)
        return first, self._part(self.records[index:], {**self.expected, **first.next_offsets()})

    def _part(self, records: Sequence[Record], expected: Mapping[Partition, int]) -> Fetched:
        part = replace(self, records=records, expected=expected)
        oldest = {partition: run[0].timestamp / 1000 for partition, run in reversed(list(part.runs()))}
        return replace(part, oldest=oldest)


@dataclass(frozen=True, slots=True)
class Batch:
    """Fetched records, and the event of each."""

    fetched: Fetched
    events: Sequence[Event]

    def __len__(self) -> int:
        return len(self.fetched)

    @property
    def records(self) -> Sequence[Record]:
        """The records, in the order of the events."""
        return self.fetched.records

    def halves(self) -> tuple[Batch, Batch]:
        """The same records as two batches, to be written one after the other."""
        middle = len(self) // 2
        first, second = self.fetched.split(middle)
        return Batch(first, self.events[:middle]), Batch(second, self.events[middle:])

    def refused(self, poison: Poison) -> Batch:
        """The same single record as a dead letter."""
        return Batch(self.fetched, [poison])


@dataclass(frozen=True, slots=True)
class Wake:
    """Numbers of plans whose waiting leads the transaction assigns. No record causes a wake-up."""

    plans: Collection[PlanNo]


Work = Batch | Wake  # the work that one transaction writes
