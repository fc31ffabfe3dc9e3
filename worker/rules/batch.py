"""A batch: what arrived while the last one was being written. Pure: imports only the standard library."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from worker.rules.event import Event, Poison

# As W3C Trace Context has it: a version but ff, the trace and the parent's span, neither all zeros, and flags.
TRACEPARENT = re.compile(rb"(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}")
TRACEPARENT_LENGTH = 55

DEAD_LETTER_PREFIX = "dlq."  # of the topic that the poison of a topic goes to

Partition = tuple[str, int]  # topic, number
PARTITION_OF: Callable[[Record], Partition] = attrgetter("topic", "partition")
Header = tuple[str, bytes | None]


class Record(Protocol):
    """An input record as the client hands it out."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def timestamp(self) -> int: ...  # ms since 1970
    @property
    def headers(self) -> Sequence[Header]: ...


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


def traceparent(headers: Sequence[Header]) -> str | None:
    """The W3C trace context of the input, where it is one; a bad one is nobody's fault and is dropped.

    Of several headers of this name the last one holds, good or bad.
    """
    for name, value in reversed(headers):
        if name == "traceparent":
            return _version_00(value) if value and TRACEPARENT.match(value) else None
    return None


def _version_00(value: bytes) -> str | None:
    """What is well-formed up to its flags, as version 00 says it; a later version may go on after a dash."""
    context, rest = value[:TRACEPARENT_LENGTH].decode(), value[TRACEPARENT_LENGTH:]
    if context.startswith("00-"):
        return None if rest else context
    sampled = int(context[-2:], 16) & 1  # no other flag of a later version is known to mean the same
    return None if rest and not rest.startswith(b"-") else f"00-{context[3:-2]}{sampled:02x}"
