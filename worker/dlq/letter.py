"""What a dead letter says of itself, in its headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from worker.outbox.dead_letters import VALUE_LEFT_OUT
from worker.records.record import Record

REPLAY_HEADER: Final = "salesplan.replay"  # in a record that was sent back: the origin of its dead letter

_REMEDY: Final = re.compile(r"; .*")
_PLACE: Final = re.compile(r" at line [0-9]+ column [0-9]+")


class Place(NamedTuple):
    """Of a record; as text ``order[3]@90817``."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


class Writer(StrEnum):
    """Who made a record a dead letter, by the names of its headers."""

    DLQ = "salesplan"  # or Kafka itself, which names them alike
    CONNECT = "Kafka Connect"
    STREAMS = "Kafka Streams"
    UNKNOWN = "unknown"


class Letter(NamedTuple):
    """A dead letter; ``origin`` is None where the headers do not tell."""

    record: Record
    writer: Writer
    origin: Place | None
    group: str
    exception: str
    message: str
    value_left_out: str = ""  # how large the value was and where it lies, in a letter that goes without it

    @property
    def place(self) -> Place:
        """Where the letter itself is."""
        return Place(self.record.topic, self.record.partition, self.record.offset)

    @property
    def reason(self) -> str:
        """What is wrong with the record, alike for all that have the same wrong: no places in it, no remedies.

        The messages of others quote payloads, so that theirs can't be shown in a list, nor be grouped by.
        """
        if self.writer is not Writer.DLQ:
            return f"written by {self.writer}" if self.writer is not Writer.UNKNOWN else "does not say why"
        faults = (_PLACE.sub("", _REMEDY.sub("", fault, count=1)) for fault in self.message.split(" | "))
        return " | ".join(faults)


# Ours first, then as Kafka Connect's DeadLetterQueueReporter and Kafka Streams' ExceptionHandlerUtils have them.
_NAMES: Final = {
    Writer.DLQ: ("__dlq.errors.", "exception", "message"),
    Writer.CONNECT: ("__connect.errors.", "exception.class.name", "exception.message"),
    Writer.STREAMS: ("__streams.errors.", "exception", "message"),
}


def read_letter(record: Record) -> Letter:
    """What the record's headers say. Whatever they hold, this raises nothing."""
    headers = dict(record.headers)  # of two alike the last one counts: ours come after those of an earlier letter
    for writer, (prefix, exception, message) in _NAMES.items():
        if any(name.startswith(prefix) for name in headers):
            return Letter(
                record,
                writer,
                _origin(headers, prefix),
                _text(headers, f"{prefix}group"),
                _text(headers, prefix + exception),
                _text(headers, prefix + message),
                _value_left_out(record, headers),
            )
    return Letter(record, Writer.UNKNOWN, None, "", "", "")


def _origin(headers: Mapping[str, bytes | None], prefix: str) -> Place | None:
    partition, offset = (_text(headers, prefix + name) for name in ("partition", "offset"))
    try:
        return Place(_text(headers, f"{prefix}topic"), int(partition), int(offset))
    except ValueError:
        return None


def _value_left_out(record: Record, headers: Mapping[str, bytes | None]) -> str:
    """What the newest of several letters in one another says: an older one may have had its value left out."""
    newest = record.headers[-1][0] == VALUE_LEFT_OUT and record.value is None
    return _text(headers, VALUE_LEFT_OUT) if newest else ""


def _text(headers: Mapping[str, bytes | None], name: str) -> str:
    return (headers.get(name) or b"").decode(errors="replace")
