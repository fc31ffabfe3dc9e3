"""What was sent back before, as the inputs themselves tell.

A record that was sent back carries the origin of its letter in a header, and before anything is sent the inputs are
looked through for such records. The marks are thus in the same log as the offsets they name: they come and go with it,
no filter can get past them, and who died midway goes on where he was. Rejected: a group's offset in Kafka (says only
"up to here", and filters leave gaps), a table in Postgres (is not written in one go with the record), and transactions
(their markers would stay as lag in an input that is quiet).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from worker.dlq.letter import REPLAY_HEADER, Place
from worker.kafka.ranges import read_ranges
from worker.kafka.reader import bounds, offsets_at
from worker.records.record import Partition
from worker.settings.kafka import Kafka

CLOCKS_APART: Final = timedelta(hours=1)  # of who wrote a letter and who sends it back, at most
NEVER: Final = 2**63 - 1  # as ms since 1970


class Candidate(NamedTuple):
    """A letter that may be sent; in this order."""

    timestamp: int
    place: Place
    origin: Place


class Marks(NamedTuple):
    """Origins of what was sent back, and for each input the time in ms since 1970 from which on it holds all."""

    origins: set[bytes]
    since: dict[str, int]


class ReplayRefusedError(Exception):
    """Nothing can be sent back now; says why."""


async def find_marks(kafka: Kafka, candidates: Collection[Candidate], unreadable: dict[Partition, int]) -> Marks:
    """What the inputs hold of earlier replays: a replay is younger than its letter, so they are read from there on."""
    marks = Marks(set(), {})
    oldest: dict[str, int] = {}
    for at, _, origin in candidates:
        oldest[origin.topic] = min(oldest.get(origin.topic, at), at)
    for topic, at in oldest.items():
        begin = datetime.fromtimestamp(at / 1000, UTC) - CLOCKS_APART
        marks.since[topic] = await _collect(kafka, topic, begin, marks.origins, unreadable)
    return marks


async def _collect(
    kafka: Kafka, topic: str, begin: datetime, origins: set[bytes], unreadable: dict[Partition, int]
) -> int:
    """Adds the marks that the topic holds since ``begin``; returns from when on it holds all, in ms since 1970."""
    logs = await bounds(kafka, [topic])
    if not logs:
        raise ReplayRefusedError(f"{topic}: not in the cluster; run `salesplan topics create`")
    begins = await offsets_at(kafka, logs, begin)
    ranges = {place: (end if (first := begins[place]) is None else first, end) for place, (_, end) in logs.items()}
    # What is read from the very start of a log that has lost its beginning may have lost replays.
    cut = {place: NEVER for place, (start, _) in logs.items() if 0 < start == ranges[place][0]}
    full = {place: offsets for place, offsets in ranges.items() if offsets[0] < offsets[1]}
    # Uncommitted: an open transaction of upstream would hide what comes after it.
    async for records in read_ranges(kafka, full, unreadable, "read_uncommitted"):
        place = (topic, records[0].partition)
        if cut.get(place) == NEVER:
            cut[place] = records[0].timestamp
        for record in records:
            origins.update(value for name, value in record.headers if name == REPLAY_HEADER and value)
    return max(cut.values(), default=0)
