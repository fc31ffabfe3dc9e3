"""Reads a dead letter: its headers tell where it came from and why it is here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from worker.outbox.dead_letters import VALUE_LEFT_OUT
from worker.records.record import Record

REPLAY_HEADER: Final = "salesplan.replay"  # header of a record that was sent back; holds the origin of its dead letter

_REMEDY: Final = re.compile(r"; .*")
_TEXT_POSITION: Final = re.compile(r" at line [0-9]+ column [0-9]+")


class Coordinates(NamedTuple):
    """Topic, partition and offset of a record; as text ``order[3]@90817``."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


class Writer(StrEnum):
    """The program that made a record a dead letter. The names of the headers tell it."""

    DLQ = "salesplan"  # or Kafka itself, which gives its headers the same names
    CONNECT = "Kafka Connect"
    STREAMS = "Kafka Streams"
    UNKNOWN = "unknown"


class Letter(NamedTuple):
    """A dead letter. ``origin`` is None if the headers do not tell it."""

    record: Record
    writer: Writer
    origin: Coordinates | None
    group: str
    exception: str
    message: str
    value_left_out: str = ""  # only in a letter without its value: the value's size, and where the record lies

    @property
    def coordinates(self) -> Coordinates:
        """The letter's own topic, partition and offset; ``origin`` has those of the record it was made of."""
        return Coordinates(self.record.topic, self.record.partition, self.record.offset)

    @property
    def reason(self) -> str:
        """The record's fault. Equal faults have equal texts, since lines, columns and remedies are cut out.

        The messages of other programs quote payloads. So a list neither shows them nor groups by them.
        """
        if self.writer is not Writer.DLQ:
            return f"written by {self.writer}" if self.writer is not Writer.UNKNOWN else "does not say why"
        faults = (_TEXT_POSITION.sub("", _REMEDY.sub("", fault, count=1)) for fault in self.message.split(" | "))
        return " | ".join(faults)


# Header names. Kafka Connect defines its own in DeadLetterQueueReporter, Kafka Streams in ExceptionHandlerUtils.
_NAMES: Final = {
    Writer.DLQ: ("__dlq.errors.", "exception", "message"),
    Writer.CONNECT: ("__connect.errors.", "exception.class.name", "exception.message"),
    Writer.STREAMS: ("__streams.errors.", "exception", "message"),
}


def read_letter(record: Record) -> Letter:
    """The letter that the record's headers describe. Any bytes are accepted; this raises no error."""
    headers = dict(record.headers)  # the last header of a name wins: it is newer than that of an earlier letter
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


def _origin(headers: Mapping[str, bytes | None], prefix: str) -> Coordinates | None:
    partition, offset = (_text(headers, prefix + name) for name in ("partition", "offset"))
    try:
        return Coordinates(_text(headers, f"{prefix}topic"), int(partition), int(offset))
    except ValueError:
        return None


def _value_left_out(record: Record, headers: Mapping[str, bytes | None]) -> str:
    """The text of the header, if the newest letter wrote it. A letter can contain an older one that lost its value."""
    newest = record.headers[-1][0] == VALUE_LEFT_OUT and record.value is None
    return _text(headers, VALUE_LEFT_OUT) if newest else ""


def _text(headers: Mapping[str, bytes | None], name: str) -> str:
    return (headers.get(name) or b"").decode(errors="replace")
