"""Makes a table's row of each message. Any bytes are accepted: an unreadable message becomes a row with a fault."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgpack
from pydantic import ValidationError

from contracts.outbound import LeadAssigned
from worker import postgres
from worker.outbox.announcements import format_time
from worker.records.record import DEAD_LETTER_PREFIX, Header

Row = tuple[object, ...]

ANNOUNCED = (
    "source",
    "topic",
    "partition",
    "offset",
    "digest",
    "fault",
    "event_id",
    "account_id",
    "plan_id",
    "plan_seq",
    "lead_id",
    "manager_id",
    "previous_manager_id",
    "revision",
    "plan_version",
    "plan_name",
    "label_text",
    "label_color",
    "trigger_kind",
    "trigger_event_id",
    "lgt_id",
    "offer_id",
    "reason",
    "occurred_at",
    "published_at",
)
DEAD_LETTER = (
    "source",
    "topic",
    "partition",
    "offset",
    "digest",
    "fault",
    "group_id",
    "origin_topic",
    "origin_partition",
    "origin_offset",
    "origin_digest",
    "value_left_out",
    "refused",
    "published_at",
)
INPUT_RECORD = (
    "topic",
    "partition",
    "offset",
    "written_at",
    "digest",
    "value_bytes",
    "poison",
    "kind",
    "account_id",
    "lead_id",
    "ref",
    "event_id",
    "occurred_at",
)

ERRORS = "__dlq.errors."
ORIGIN = ("group", "topic", "partition", "offset")
OUR_HEADERS = 6  # a dead letter ends with so many headers of ours, and with one more if its value is left out
VALUE_LEFT_OUT = f"{ERRORS}value"
LEFT_OUT = re.compile(rb"(\d{1,18}) bytes, ")
LARGEST = 2**63 - 1


class Wire(Protocol):
    """A record of a topic, or a message of the outbox."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[Header]: ...


def announced(location: Row, message: Wire, published_at: datetime | None) -> Row:
    """The message as a row of `announced`. ``location`` is its source, topic, partition and offset."""
    try:
        announcement = LeadAssigned.model_validate_json(message.value or b"")
    except ValidationError:
        return _unreadable(location, message, "no lead-assigned message by the contract", published_at)
    if max(announcement.plan_seq, announcement.revision, announcement.plan.version) > LARGEST:
        return _unreadable(location, message, "a number out of all bounds", published_at)
    return (
        *location,
        digest(message),
        _header_fault(announcement, message),
        announcement.event_id,
        announcement.account_id,
        announcement.plan.id,
        announcement.plan_seq,
        announcement.lead_id,
        announcement.manager_id,
        announcement.previous_manager_id,
        announcement.revision,
        announcement.plan.version,
        _storable(announcement.plan.name),
        _storable(announcement.label.text) if announcement.label else None,
        announcement.label.color if announcement.label else None,
        announcement.trigger.kind,
        announcement.trigger.event_id,
        announcement.trigger.lgt_id,
        announcement.trigger.offer_id,
        announcement.reason,
        announcement.occurred_at,
        published_at,
    )


def dead_letter(location: Row, letter_topic: str, message: Wire, published_at: datetime | None) -> Row:
    """The message as a row of `dead_letter`. Only the last headers count: a letter that was replayed has older ones."""
    rest, left_out = _value_left_out(message)
    headers = dict(rest[-OUR_HEADERS:])
    try:
        group, topic, partition, offset, why = (
            (headers[ERRORS + name] or b"").decode() for name in (*ORIGIN, "exception")
        )
        numbers = (int(partition), int(offset))
    except (KeyError, ValueError):
        return _no_letter(location, message, "headers that do not say where it came from", published_at)
    if DEAD_LETTER_PREFIX + topic != letter_topic or not (0 <= numbers[0] < 2**31 and 0 <= numbers[1] <= LARGEST):
        return _no_letter(location, message, "headers that name another origin", published_at)
    origin = (_storable(group), _storable(topic), *numbers, _digest(message, rest[:-OUR_HEADERS]))
    return (*location, digest(message), None, *origin, left_out, postgres.is_refusal(why), published_at)


def _value_left_out(message: Wire) -> tuple[Sequence[Header], int | None]:
    """The headers without the one about a left-out value, and that value's size in bytes. None if it is present."""
    *rest, (name, text) = message.headers or [("", None)]
    if name == VALUE_LEFT_OUT and message.value is None and (announcement := LEFT_OUT.match(text or b"")):
        return rest, int(announcement[1])
    return message.headers, None


def digest(message: Wire) -> bytes:
    """A hash that is equal for messages with the same key, value and headers."""
    return _digest(message, message.headers)


def _digest(message: Wire, headers: Sequence[Header]) -> bytes:
    return hashlib.blake2b(msgpack.packb((message.key, message.value, headers)), digest_size=16).digest()


def _no_letter(location: Row, message: Wire, fault: str, published_at: datetime | None) -> Row:
    nothing = [None] * (len(DEAD_LETTER) - len(location) - 3)
    return (*location, digest(message), fault, *nothing, published_at)


def _unreadable(location: Row, message: Wire, fault: str, published_at: datetime | None) -> Row:
    nothing = [None] * (len(ANNOUNCED) - len(location) - 3)
    return (*location, digest(message), fault, *nothing, published_at)


def _header_fault(announcement: LeadAssigned, message: Wire) -> str | None:
    headers = dict(message.headers)
    lead = announcement.lead_id.encode()
    wanted = {
        "ce_specversion": b"1.0",
        "ce_id": str(announcement.event_id).encode(),
        "ce_type": b"salesplan.lead.assigned.v1",
        "ce_source": b"/salesplan",
        "ce_subject": lead,
        "ce_time": format_time(announcement.occurred_at).encode(),
        "content-type": b"application/json",
    }
    wrong = [name for name, value in wanted.items() if headers.get(name) != value]
    if message.key != lead:
        wrong.insert(0, "key")
    return f"its {', '.join(wrong)} does not agree with its value" if wrong else None


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")  # Postgres can't store NUL; the result equals no stored name
