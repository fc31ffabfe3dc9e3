"""Decides for each dead letter if it is to be sent back, and gives the reason if it is not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from worker.dlq.letter import Coordinates, Letter, Writer
from worker.dlq.marks import Candidate, find_marks
from worker.dlq.read import LARGEST_OFFSET, LetterFilter, read_letters
from worker.intake.decode import decode
from worker.records.record import Partition
from worker.rules.event import Event, Poison
from worker.settings import Settings


class LetterFate(StrEnum):
    """The decision on a letter. Only letters with ``SEND`` are sent back."""

    SEND = "send"
    REJECTED = "rejected"  # this release would reject the record again
    SENT = "sent"  # an earlier replay sent it: the input holds its mark
    COPY = "copy"  # another letter with the same origin is sent
    FOREIGN = "foreign"  # the headers name no origin, or one that is no input of these settings
    BEYOND = "beyond"  # the limit was reached before it
    WITHOUT_VALUE = "without_value"  # the letter lost its value; the record can only be read again in its input


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """The letters to send, and how many letters of each dead-letter topic have which fate.

    ``beyond_input`` counts the letters to send that are older than all records that their input still holds. An earlier
    replay of these may have been deleted there, so they may be sent twice.
    """

    letters: Collection[Coordinates]
    fates: Mapping[str, Counter[LetterFate]]
    beyond_input: int


def decode_again(settings: Settings, letter: Letter) -> Event | None:
    """Decodes the letter's record with this release. None if the record did not come from one of our inputs."""
    origin = letter.origin
    if letter.writer is not Writer.DLQ or origin is None:
        return None
    kind = settings.topics.inputs.get(origin.topic)
    if kind is None or settings.topics.dead_letters(origin.topic) != letter.record.topic:
        return None
    return decode(kind, letter.record.value, max_bytes=settings.intake.max_value_bytes)


async def plan_replay(
    settings: Settings,
    letter_filter: LetterFilter,
    unreadable: dict[Partition, int],
    *,
    limit: int = LARGEST_OFFSET,
    with_rejected: bool = False,
    with_sent: bool = False,
) -> ReplayPlan:
    """Decides on the selected letters, the oldest first; at most ``limit`` are to be sent. Sends nothing.

    Raises ReplayRefusedError, or one of ``worker.kafka.TROUBLE``.
    """
    candidates: list[Candidate] = []
    fates: defaultdict[str, Counter[LetterFate]] = defaultdict(Counter)
    async for letter in read_letters(settings.kafka, letter_filter, unreadable):
        event = decode_again(settings, letter)
        if event is None or letter.origin is None:
            fates[letter.record.topic][LetterFate.FOREIGN] += 1
        elif letter.value_left_out:
            fates[letter.record.topic][LetterFate.WITHOUT_VALUE] += 1
        elif isinstance(event, Poison) and not with_rejected:
            fates[letter.record.topic][LetterFate.REJECTED] += 1
        else:
            candidates.append(Candidate(letter.record.timestamp, letter.coordinates, letter.origin))
    marks = await find_marks(settings.kafka, candidates, unreadable)
    chosen: dict[Coordinates, Candidate] = {}  # keys are origins
    for candidate in sorted(candidates):
        fate = _fate(candidate, chosen, set() if with_sent else marks.origins, limit)
        fates[candidate.letter.topic][fate] += 1
        if fate is LetterFate.SEND:
            chosen[candidate.origin] = candidate
    beyond_input = sum(each.timestamp < marks.complete_since[each.origin.topic] for each in chosen.values())
    return ReplayPlan(frozenset(each.letter for each in chosen.values()), fates, beyond_input)


def _fate(candidate: Candidate, chosen: Collection[Coordinates], sent: Collection[bytes], limit: int) -> LetterFate:
    if str(candidate.origin).encode() in sent:
        return LetterFate.SENT
    if candidate.origin in chosen:
        return LetterFate.COPY
    return LetterFate.SEND if len(chosen) < limit else LetterFate.BEYOND
