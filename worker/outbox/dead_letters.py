"""Dead letters as they are made: the record byte for byte, or as much of it as the dead-letter topic takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.kafka.limits import Limits, MessageTooLargeError
from worker.records.message import Message
from worker.records.record import DEAD_LETTER_PREFIX, Header, Record
from worker.rules.event import Poison

ERRORS = "__dlq.errors."
VALUE_LEFT_OUT = f"{ERRORS}value"  # the header of a letter whose topic does not take the record's value


def fitting_letter(record: Record, poison: Poison, group_id: str, limits: Limits) -> Message:
    """As much of the dead letter as its topic takes. Raises MessageTooLargeError where that is nothing at all."""
    letter = dead_letter(record, poison, group_id)
    if limits.fits(letter):
        return letter
    for letter in _shorter(record, poison, group_id):
        if limits.fits(letter):
            return letter
    raise MessageTooLargeError(letter.topic, limits.size_of(letter))


def dead_letter(record: Record, poison: Poison, group_id: str) -> Message:
    """The whole record, on the partition it came from, with headers that say where it came from and why it is here."""
    return _letter(record, record.key, record.value, [*record.headers, *_errors(record, poison, group_id)])


def _shorter(record: Record, poison: Poison, group_id: str) -> Iterator[Message]:
    """Without the value; also without the record's own headers; also without its key."""
    left_out = (VALUE_LEFT_OUT, _where_the_value_lies(record).encode())
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


def _where_the_value_lies(record: Record) -> str:
    size = len(record.value or b"")
    place = f"{record.topic}[{record.partition}]@{record.offset}"
    return f"{size} bytes, more than {DEAD_LETTER_PREFIX}{record.topic} takes with the rest; the record lies in {place}"
