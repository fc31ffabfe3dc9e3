"""Which dead letters are to be sent back, and what becomes of the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from worker.dlq.letter import Letter, Place, Writer
from worker.dlq.marks import Candidate, find_marks
from worker.dlq.read import LARGEST, Wanted, read_letters
from worker.intake.decode import decode
from worker.records.record import Partition
from worker.rules.event import Event, Poison
from worker.settings import Settings


class Fate(StrEnum):
    """What becomes of a letter."""

    SEND = "send"
    REJECTED = "rejected"  # today's code would reject it again
    SENT = "sent"  # the input holds it already
    COPY = "copy"  # of a letter with the same origin
    FOREIGN = "foreign"  # not of an input of these settings, or it does not say
    BEYOND = "beyond"  # the limit
    WITHOUT_VALUE = "without_value"  # the record can only be read again from where it lies


@dataclass(frozen=True, slots=True)
class Plan:
    """Which letters are to be sent, and what becomes of each, by dead-letter topic.

    ``unseen`` of them are older than what their input holds: an earlier replay might be gone from it.
    """

    letters: Collection[Place]
    fates: Mapping[str, Counter[Fate]]
    unseen: int


def judge(settings: Settings, letter: Letter) -> Event | None:
    """What today's code makes of the letter's record; None where it is not of one of our inputs."""
    origin = letter.origin
    if letter.writer is not Writer.DLQ or origin is None:
        return None
    kind = settings.topics.inputs.get(origin.topic)
    if kind is None or settings.topics.dead_letters(origin.topic) != letter.record.topic:
        return None
    return decode(kind, letter.record.value, max_bytes=settings.intake.max_value_bytes)


async def plan(
    settings: Settings,
    wanted: Wanted,
    unreadable: dict[Partition, int],
    *,
    limit: int = LARGEST,
    with_rejected: bool = False,
    with_sent: bool = False,
) -> Plan:
    """What sending these letters back would do, the oldest first.

    Raises ReplayRefusedError, or one of ``worker.kafka.TROUBLE``.
    """
    candidates: list[Candidate] = []
    fates: defaultdict[str, Counter[Fate]] = defaultdict(Counter)
    async for letter in read_letters(settings.kafka, wanted, unreadable):
        event = judge(settings, letter)
        if event is None or letter.origin is None:
            fates[letter.record.topic][Fate.FOREIGN] += 1
        elif letter.value_left_out:
            fates[letter.record.topic][Fate.WITHOUT_VALUE] += 1
        elif isinstance(event, Poison) and not with_rejected:
            fates[letter.record.topic][Fate.REJECTED] += 1
        else:
            candidates.append(Candidate(letter.record.timestamp, letter.place, letter.origin))
    marks = await find_marks(settings.kafka, candidates, unreadable)
    chosen: dict[Place, Candidate] = {}  # by origin
    for candidate in sorted(candidates):
        fate = _fate(candidate, chosen, set() if with_sent else marks.origins, limit)
        fates[candidate.place.topic][fate] += 1
        if fate is Fate.SEND:
            chosen[candidate.origin] = candidate
    unseen = sum(each.timestamp < marks.since[each.origin.topic] for each in chosen.values())
    return Plan(frozenset(each.place for each in chosen.values()), fates, unseen)


def _fate(candidate: Candidate, chosen: Collection[Place], sent: Collection[bytes], limit: int) -> Fate:
    if str(candidate.origin).encode() in sent:
        return Fate.SENT
    if candidate.origin in chosen:
        return Fate.COPY
    return Fate.SEND if len(chosen) < limit else Fate.BEYOND
