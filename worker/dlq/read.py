"""Which dead letters there are: read from their topics, as a read_committed reader sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.dlq.letter import Letter, Place, Writer, read_letter
from worker.kafka.ranges import Range, read_ranges
from worker.kafka.reader import bounds, offsets_at
from worker.records.record import Partition
from worker.settings.kafka import Kafka

LARGEST = 2**63 - 1  # an offset in Kafka


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are meant: of these dead-letter topics, since then, with this in their reason, in these offsets."""

    topics: Sequence[str]
    since: datetime | None = None
    reason: str = ""
    partition: int | None = None
    first: int = 0
    last: int = LARGEST

    def has(self, letter: Letter) -> bool:
        """What the offsets alone do not tell: records need not be in the order of their times."""
        if self.since and letter.record.timestamp < self.since.timestamp() * 1000:
            return False
        return self.reason.casefold() in why(letter).casefold()


@dataclass(slots=True)
class Group:
    """Letters of one topic with the same reason; times in ms since 1970."""

    topic: str
    writer: Writer
    exception: str
    reason: str
    count: int
    oldest: int
    newest: int


def why(of: Letter | Group) -> str:
    """The reason in one line, as it is shown and looked for."""
    return f"{of.exception}: {of.reason}" if of.exception else of.reason


async def read_letters(kafka: Kafka, wanted: Wanted, unreadable: dict[Partition, int]) -> AsyncIterator[Letter]:
    """The wanted letters, each partition's in order; ``unreadable`` as for ``read_ranges``.

    Raises one of ``worker.kafka.TROUBLE``.
    """
    async for records in read_ranges(kafka, await _ranges(kafka, wanted), unreadable):
        for record in records:
            letter = read_letter(record)
            if wanted.has(letter):
                yield letter


async def _ranges(kafka: Kafka, wanted: Wanted) -> dict[Partition, Range]:
    found = await bounds(kafka, wanted.topics, "read_committed")
    ranges = {
        place: (max(start, wanted.first), min(end, wanted.last + 1))
        for place, (start, end) in found.items()
        if wanted.partition in {None, place[1]}
    }
    if wanted.since and ranges:
        begins = await offsets_at(kafka, ranges, wanted.since)
        ranges = {
            place: (first if (begin := begins[place]) is None else max(first, begin), end)
            for place, (first, end) in ranges.items()
        }
    return {place: (first, end) for place, (first, end) in ranges.items() if first < end}


async def group(letters: AsyncIterator[Letter]) -> list[Group]:
    """The letters by topic and reason, the most numerous of a topic first."""
    groups: dict[tuple[str, ...], Group] = {}
    async for letter in letters:
        at = letter.record.timestamp
        topic, writer, exception, reason = letter.record.topic, letter.writer, letter.exception, letter.reason
        new = Group(topic, writer, exception, reason, 0, at, at)
        found = groups.setdefault((topic, writer, exception, reason), new)
        found.count += 1
        found.oldest, found.newest = min(found.oldest, at), max(found.newest, at)
    return sorted(groups.values(), key=lambda of: (of.topic, -of.count, of.exception, of.reason))


async def find(kafka: Kafka, topic: str, place: Place, unreadable: dict[Partition, int]) -> list[Letter]:
    """The letter at this place; or, where the place is not in the dead-letter topic, all letters that came from it.

    There are several of one origin where the position was set back. Raises one of ``worker.kafka.TROUBLE``.
    """
    if place.topic == topic:
        wanted = Wanted([topic], partition=place.partition, first=place.offset, last=place.offset)
    else:
        wanted = Wanted([topic])
    letters = read_letters(kafka, wanted, unreadable)
    return [letter async for letter in letters if place in (letter.place, letter.origin)]
