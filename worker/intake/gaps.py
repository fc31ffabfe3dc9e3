"""Missing offsets. The worker reads a new gap once more: the client may have lost records.

If the second read shows the same gap, it belongs to the log, and the worker goes on behind it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import structlog

from worker.records.record import Partition, Record

log = structlog.get_logger()


class Gap(NamedTuple):
    """Missing offsets, from ``expected`` up to ``next_offset``, which the next record has."""

    expected: int
    next_offset: int


class Gaps:
    """The gaps of each partition when it was last read.

    The client can lose records (aiokafka #1173), and a second read returns them. A gap of the log itself stays: it is
    the marker of a transaction, an aborted transaction or a compacted record.
    """

    def __init__(self) -> None:
        self._last_gaps: dict[Partition, set[Gap]] = {}

    def records_before_new(self, partition: Partition, expected: int, records: Sequence[Record]) -> Sequence[Record]:
        """The records before the first new gap. A gap is new if the previous read of the partition did not have it.

        The method also remembers all later gaps, so the caller reads the rest of the partition only once more.
        """
        gaps, last_gaps, end = set(_gaps(expected, records)), self._last_gaps.pop(partition, set()), records[-1].offset
        for gap in sorted(gap for gap in last_gaps - gaps if expected <= gap.expected and gap.next_offset <= end):
            log.warning(
                "client_had_lost_records",
                topic=partition[0],
                partition=partition[1],
                expected=gap.expected,
                came=gap.next_offset,
            )
        if still_relevant := gaps | {gap for gap in last_gaps if gap.next_offset > end}:
            self._last_gaps[partition] = still_relevant
        if new := gaps - last_gaps:
            return records[: bisect_left(records, min(new).next_offset, key=attrgetter("offset"))]
        return records


def _gaps(expected: int, records: Sequence[Record]) -> Iterator[Gap]:
    if records[-1].offset - expected + 1 == len(records):
        return
    for record in records:
        if record.offset != expected:
            yield Gap(expected, record.offset)
        expected = record.offset + 1
