"""Makes dead letters: the record byte for byte, or the parts of it that its dead-letter topic takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.kafka.limits import Limits, MessageTooLargeError
from worker.records.message import Message
from worker.records.record import DEAD_LETTER_PREFIX, Header, Record
from worker.rules.event import Poison

ERRORS = "__dlq.errors."
VALUE_LEFT_OUT = f"{ERRORS}value"  # header of a letter without the record's value


def fitting_letter(record: Record, poison: Poison, group_id: str, limits: Limits) -> Message:
    """The largest dead letter that its topic takes. Raises MessageTooLargeError if even the smallest is too large."""
    letter = dead_letter(record, poison, group_id)
    if limits.fits(letter):
        return letter
    for letter in _shorter(record, poison, group_id):
        if limits.fits(letter):
            return letter
    raise MessageTooLargeError(letter.topic, limits.size_of(letter))


def dead_letter(record: Record, poison: Poison, group_id: str) -> Message:
    """The whole record, on the partition of the same number, with headers that tell its origin and its fault."""
    return _letter(record, record.key, record.value, [*record.headers, *_errors(record, poison, group_id)])


def _shorter(record: Record, poison: Poison, group_id: str) -> Iterator[Message]:
    """Three smaller letters: without the value, then also without the record's headers, then also without its key."""
    left_out = (VALUE_LEFT_OUT, _why_left_out(record).encode())
    errors = [*_errors(record, poison, group_id), left_out]
    yield _letter(record, record.key, None, [*record.headers, *errors])
    yield _letter(record, record.key, None, errors)
    yield _letter(record, None, None, errors)


def _letter(record: Record, key: bytes | None, value: bytes | None, headers: Sequence[Header]) -> Message:
    return Message.of(DEAD_LETTER_PREFIX + record.topic, record.partition, key, value, headers)


def _errors(record: Record, poison: Poison, group_id: str) -> list[Header]:
    why = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "group": group_id,
        "message": poison.message,
        "exception": poison.exception,
    }
    return [(ERRORS + name, text.encode()) for name, text in why.items()]


def _why_left_out(record: Record) -> str:
    size = len(record.value or b"")
    at = f"{record.topic}[{record.partition}]@{record.offset}"
    return f"{size} bytes, more than {DEAD_LETTER_PREFIX}{record.topic} takes with the rest; the record lies in {at}"
