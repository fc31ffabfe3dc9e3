"""Offsets that are missing: what the client has lost is read once more, what the log itself lacks is passed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import structlog

from worker.records.record import Partition, Record

log = structlog.get_logger()


class Gap(NamedTuple):
    """The offset that was expected, and the one that came."""

    expected: int
    came: int


class Gaps:
    """What was missing when it was last read.

    The client can lose records (aiokafka #1173); reading them again brings them. What is missing twice is the log's
    own gap: a transaction's marker, a transaction taken back, a compacted record.
    """

    def __init__(self) -> None:
        self._seen: dict[Partition, set[Gap]] = {}

    def before_new(self, partition: Partition, expected: int, records: Sequence[Record]) -> Sequence[Record]:
        """The records before the first gap that was not there when it was read before.

        Each of the others was seen now: from there on, the partition has to be read only once more.
        """
        gaps, seen, last = set(_gaps(expected, records)), self._seen.pop(partition, set()), records[-1].offset
        for gap in sorted(gap for gap in seen - gaps if expected <= gap.expected and gap.came <= last):
            log.warning("client_had_lost_records", topic=partition[0], partition=partition[1], **gap._asdict())
        if kept := gaps | {gap for gap in seen if gap.came > last}:
            self._seen[partition] = kept
        if new := gaps - seen:
            return records[: bisect_left(records, min(new).came, key=attrgetter("offset"))]
        return records


def _gaps(expected: int, records: Sequence[Record]) -> Iterator[Gap]:
    if records[-1].offset - expected + 1 == len(records):
        return
    for record in records:
        if record.offset != expected:
            yield Gap(expected, record.offset)
        expected = record.offset + 1
