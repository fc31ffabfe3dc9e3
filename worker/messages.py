"""What is announced, byte for byte, and how a batch of it is kept in the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import cramjam
import msgpack
import orjson

from worker.batch import DEAD_LETTER_PREFIX, Header, Record
from worker.decide import Assignment
from worker.event import Poison
from worker.plan import Plan, Trigger


class Message(NamedTuple):
    """One record to publish. ``partition`` None: by the hash of the key, as every Kafka client does."""

    topic: str
    partition: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


def lead_assigned(topic: str, assignment: Assignment, event_id: UUID, occurred_at: str) -> Message:
    """The announcement of an assignment; `contracts/outbound.py` describes its fields."""
    plan, arrival = assignment.plan, assignment.arrival
    is_subscription = arrival.kind is Trigger.SUBSCRIPTION
    id_text = str(event_id)
    value = {
        "event_id": id_text,
        "occurred_at": occurred_at,
        "account_id": plan.account_id,
        "lead_id": arrival.lead_id,
        "manager_id": assignment.manager_id,
        "previous_manager_id": None,
        "revision": 1,
        "plan": {"id": plan.plan_id, "name": plan.name, "version": plan.version},
        "plan_seq": assignment.plan_seq,
        "label": _label(plan),
        "trigger": {
            "kind": arrival.kind,
            "event_id": arrival.event_id,
            "lgt_id": arrival.ref if is_subscription else None,
            "offer_id": None if is_subscription else arrival.ref,
        },
        "reason": assignment.reason,
    }
    lead = arrival.lead_id.encode()
    headers: list[Header] = [
        ("ce_specversion", b"1.0"),
        ("ce_id", id_text.encode()),
        ("ce_type", b"salesplan.lead.assigned.v1"),
        ("ce_source", b"/salesplan"),
        ("ce_subject", lead),
        ("ce_time", occurred_at.encode()),
        ("content-type", b"application/json"),
    ]
    if arrival.traceparent:
        headers.append(("traceparent", arrival.traceparent.encode()))
    return Message(topic, None, lead, orjson.dumps(value), headers)


def dead_letter(record: Record, poison: Poison, group_id: str) -> Message:
    """The record byte for byte, on the partition it came from, with where it came from and why it is here."""
    why = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "group": group_id,
        "message": poison.message,
        "exception": poison.exception,
    }
    headers = [*record.headers, *((f"__dlq.errors.{name}", text.encode()) for name, text in why.items())]
    return Message(DEAD_LETTER_PREFIX + record.topic, record.partition, record.key, record.value, headers)


def format_time(time: datetime) -> str:
    """A time in UTC as RFC 3339 to the millisecond."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"


def pack(messages: Sequence[Message]) -> bytes:
    """Messages as one outbox row: MessagePack, compressed here rather than by the database, which is slower at it."""
    return bytes(cramjam.zstd.compress(msgpack.packb(messages), level=1))


def unpack(row: bytes) -> list[Message]:
    """The messages of an outbox row, the same bytes that were packed."""
    return [
        Message(topic, partition, key, value, [(name, text) for name, text in headers])
        for topic, partition, key, value, headers in msgpack.unpackb(bytes(cramjam.zstd.decompress(row)))
    ]


def _label(plan: Plan) -> dict[str, str | None] | None:
    return {"text": plan.label.text, "color": plan.label.color} if plan.label else None
