"""Finds the dead letters that were sent back before, by reading the inputs.

A replay writes the origin of the letter into a header of each record that it sends. This header is the mark. Before a
replay sends anything, it reads the inputs and collects the marks. So a mark lies in the log that it speaks about, and
is deleted with it. A filter can't miss it, and a replay that was killed can simply run again.

Rejected: a group's offset in Kafka, which says only "up to here", while filters leave gaps. A table in Postgres, which
can't be written atomically with the record. Transactions, whose markers would stay as lag in a quiet input.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from worker.dlq.letter import REPLAY_HEADER, Coordinates
from worker.kafka.ranges import read_ranges
from worker.kafka.reader import bounds, offsets_at
from worker.records.record import Partition
from worker.settings.kafka import Kafka

CLOCKS_APART: Final = timedelta(hours=1)  # the largest expected difference between the clocks of writer and replay
NEVER: Final = 2**63 - 1  # ms since 1970


class Candidate(NamedTuple):
    """A letter that may be sent back. Candidates are sorted by their fields, so the oldest comes first."""

    timestamp: int  # ms since 1970
    letter: Coordinates
    origin: Coordinates


class Marks(NamedTuple):
    """The origins of all letters that were sent back.

    ``complete_since`` gives for each input the time in ms since 1970 from which on it still holds all its records.
    """

    origins: set[bytes]
    complete_since: dict[str, int]


class ReplayRefusedError(Exception):
    """Nothing can be sent back now; the text tells the reason."""


async def find_marks(kafka: Kafka, candidates: Collection[Candidate], unreadable: dict[Partition, int]) -> Marks:
    """The marks of earlier replays. Reads each input from the time of its oldest candidate on, less an hour.

    A replay is always younger than its letter, so older records need not be read.
    """
    marks = Marks(set(), {})
    oldest: dict[str, int] = {}
    for at, _, origin in candidates:
        oldest[origin.topic] = min(oldest.get(origin.topic, at), at)
    for topic, at in oldest.items():
        begin = datetime.fromtimestamp(at / 1000, UTC) - CLOCKS_APART
        marks.complete_since[topic] = await _collect(kafka, topic, begin, marks.origins, unreadable)
    return marks


async def _collect(
    kafka: Kafka, topic: str, begin: datetime, origins: set[bytes], unreadable: dict[Partition, int]
) -> int:
    """Adds the marks since ``begin`` to ``origins``; returns the time from which on the topic is complete, in ms."""
    logs = await bounds(kafka, [topic])
    if not logs:
        raise ReplayRefusedError(f"{topic}: not in the cluster; run `salesplan topics create`")
    begins = await offsets_at(kafka, logs, begin)
    ranges = {
        partition: (end if (first := begins[partition]) is None else first, end) for partition, (_, end) in logs.items()
    }
    # A log that has lost its beginning, and is read from its first offset, may have lost replays too.
    cut = {partition: NEVER for partition, (start, _) in logs.items() if 0 < start == ranges[partition][0]}
    full = {partition: offsets for partition, offsets in ranges.items() if offsets[0] < offsets[1]}
    # read_uncommitted, since an open transaction of upstream would hide all records behind it.
    async for records in read_ranges(kafka, full, unreadable, "read_uncommitted"):
        partition = (topic, records[0].partition)
        if cut.get(partition) == NEVER:
            cut[partition] = records[0].timestamp
        for record in records:
            origins.update(value for name, value in record.headers if name == REPLAY_HEADER and value)
    return max(cut.values(), default=0)
