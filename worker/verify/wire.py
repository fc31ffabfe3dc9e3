"""Messages as rows: what the checker keeps of each, whatever bytes it finds."""

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
OURS = 6  # headers of ours, the last of a dead letter, but for this one after them where the value is left out
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


def announced(place: Row, message: Wire, published_at: datetime | None) -> Row:
    """A row of `announced`. ``place``: source, topic, partition and offset."""
    try:
        told = LeadAssigned.model_validate_json(message.value or b"")
    except ValidationError:
        return _unreadable(place, message, "no lead-assigned message by the contract", published_at)
    if max(told.plan_seq, told.revision, told.plan.version) > LARGEST:
        return _unreadable(place, message, "a number out of all bounds", published_at)
    return (
        *place,
        digest(message),
        _header_fault(told, message),
        told.event_id,
        told.account_id,
        told.plan.id,
        told.plan_seq,
        told.lead_id,
        told.manager_id,
        told.previous_manager_id,
        told.revision,
        told.plan.version,
        _storable(told.plan.name),
        _storable(told.label.text) if told.label else None,
        told.label.color if told.label else None,
        told.trigger.kind,
        told.trigger.event_id,
        told.trigger.lgt_id,
        told.trigger.offer_id,
        told.reason,
        told.occurred_at,
        published_at,
    )


def dead_letter(place: Row, letter_topic: str, message: Wire, published_at: datetime | None) -> Row:
    """A row of `dead_letter`, by its headers; ours are the last ones: a letter sent again has older ones before."""
    rest, left_out = _value_left_out(message)
    headers = dict(rest[-OURS:])
    try:
        group, topic, partition, offset, why = (
            (headers[ERRORS + name] or b"").decode() for name in (*ORIGIN, "exception")
        )
        numbers = (int(partition), int(offset))
    except (KeyError, ValueError):
        return _no_letter(place, message, "headers that do not say where it came from", published_at)
    if DEAD_LETTER_PREFIX + topic != letter_topic or not (0 <= numbers[0] < 2**31 and 0 <= numbers[1] <= LARGEST):
        return _no_letter(place, message, "headers that name another origin", published_at)
    origin = (_storable(group), _storable(topic), *numbers, _digest(message, rest[:-OURS]))
    return (*place, digest(message), None, *origin, left_out, postgres.is_refusal(why), published_at)


def _value_left_out(message: Wire) -> tuple[Sequence[Header], int | None]:
    """The headers without the one that tells of a value left out, and the size of that; None where nothing is."""
    *rest, (name, text) = message.headers or [("", None)]
    if name == VALUE_LEFT_OUT and message.value is None and (told := LEFT_OUT.match(text or b"")):
        return rest, int(told[1])
    return message.headers, None


def digest(message: Wire) -> bytes:
    """Equal for the same key, value and headers."""
    return _digest(message, message.headers)


def _digest(message: Wire, headers: Sequence[Header]) -> bytes:
    return hashlib.blake2b(msgpack.packb((message.key, message.value, headers)), digest_size=16).digest()


def _no_letter(place: Row, message: Wire, fault: str, published_at: datetime | None) -> Row:
    nothing = [None] * (len(DEAD_LETTER) - len(place) - 3)
    return (*place, digest(message), fault, *nothing, published_at)


def _unreadable(place: Row, message: Wire, fault: str, published_at: datetime | None) -> Row:
    nothing = [None] * (len(ANNOUNCED) - len(place) - 3)
    return (*place, digest(message), fault, *nothing, published_at)


def _header_fault(told: LeadAssigned, message: Wire) -> str | None:
    headers = dict(message.headers)
    lead = told.lead_id.encode()
    wanted = {
        "ce_specversion": b"1.0",
        "ce_id": str(told.event_id).encode(),
        "ce_type": b"salesplan.lead.assigned.v1",
        "ce_source": b"/salesplan",
        "ce_subject": lead,
        "ce_time": format_time(told.occurred_at).encode(),
        "content-type": b"application/json",
    }
    wrong = [name for name, value in wanted.items() if headers.get(name) != value]
    if message.key != lead:
        wrong.insert(0, "key")
    return f"its {', '.join(wrong)} does not agree with its value" if wrong else None


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")  # Postgres keeps no NUL; no stored name equals this either
