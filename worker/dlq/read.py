"""Reads the dead letters from their topics, as a read_committed reader sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.dlq.letter import Coordinates, Letter, Writer, read_letter
from worker.kafka.ranges import Range, read_ranges
from worker.kafka.reader import bounds, offsets_at
from worker.records.record import Partition
from worker.settings.kafka import Kafka

LARGEST_OFFSET = 2**63 - 1


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Selects letters by dead-letter topic, time, a part of the reason, partition, and offsets (both ends included)."""

    topics: Sequence[str]
    since: datetime | None = None
    reason: str = ""
    partition: int | None = None
    first: int = 0
    last: int = LARGEST_OFFSET

    def matches(self, letter: Letter) -> bool:
        """True if time and reason fit. The time is checked for each letter: records may lie out of its order."""
        if self.since and letter.record.timestamp < self.since.timestamp() * 1000:
            return False
        return self.reason.casefold() in reason_line(letter).casefold()


@dataclass(slots=True)
class Group:
    """Letters of one topic with the same reason. Times are in ms since 1970."""

    topic: str
    writer: Writer
    exception: str
    reason: str
    count: int
    oldest: int
    newest: int


def reason_line(of: Letter | Group) -> str:
    """The reason in one line. Lists show it, and ``--reason`` searches in it."""
    return f"{of.exception}: {of.reason}" if of.exception else of.reason


async def read_letters(
    kafka: Kafka, letter_filter: LetterFilter, unreadable: dict[Partition, int]
) -> AsyncIterator[Letter]:
    """The letters that the filter selects, in the order of their offsets within each partition.

    Adds to ``unreadable`` like ``read_ranges``. Raises one of ``worker.kafka.TROUBLE``.
    """
    async for records in read_ranges(kafka, await _ranges(kafka, letter_filter), unreadable):
        for record in records:
            letter = read_letter(record)
            if letter_filter.matches(letter):
                yield letter


async def _ranges(kafka: Kafka, letter_filter: LetterFilter) -> dict[Partition, Range]:
    found = await bounds(kafka, letter_filter.topics, "read_committed")
    ranges = {
        partition: (max(start, letter_filter.first), min(end, letter_filter.last + 1))
        for partition, (start, end) in found.items()
        if letter_filter.partition in {None, partition[1]}
    }
    if letter_filter.since and ranges:
        begins = await offsets_at(kafka, ranges, letter_filter.since)
        ranges = {
            partition: (first if (begin := begins[partition]) is None else max(first, begin), end)
            for partition, (first, end) in ranges.items()
        }
    return {partition: (first, end) for partition, (first, end) in ranges.items() if first < end}


async def group(letters: AsyncIterator[Letter]) -> list[Group]:
    """The letters grouped by topic and reason. Within a topic, the group with the most letters comes first."""
    groups: dict[tuple[str, ...], Group] = {}
    async for letter in letters:
        at = letter.record.timestamp
        topic, writer, exception, reason = letter.record.topic, letter.writer, letter.exception, letter.reason
        new = Group(topic, writer, exception, reason, 0, at, at)
        found = groups.setdefault((topic, writer, exception, reason), new)
        found.count += 1
        found.oldest, found.newest = min(found.oldest, at), max(found.newest, at)
    return sorted(groups.values(), key=lambda of: (of.topic, -of.count, of.exception, of.reason))


async def find(kafka: Kafka, topic: str, coordinates: Coordinates, unreadable: dict[Partition, int]) -> list[Letter]:
    """The letter at these coordinates, if they are in ``topic``; otherwise all letters that have them as origin.

    One origin has several letters if the input was read again. Raises one of ``worker.kafka.TROUBLE``.
    """
    if coordinates.topic == topic:
        letter_filter = LetterFilter(
            [topic], partition=coordinates.partition, first=coordinates.offset, last=coordinates.offset
        )
    else:
        letter_filter = LetterFilter([topic])
    letters = read_letters(kafka, letter_filter, unreadable)
    return [letter async for letter in letters if coordinates in (letter.coordinates, letter.origin)]
