"""What is announced, byte for byte, and how a batch of it is kept in the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Self

import cramjam
import msgpack
import orjson

from worker.batch import DEAD_LETTER_PREFIX, Header, Record
from worker.decide import Assignment
from worker.event import Poison
from worker.plan import Plan, Trigger
from worker.turns import by_turns

SUBSCRIPTION = Trigger.SUBSCRIPTION  # before Python 3.12 each look-up runs Python code


class Message(NamedTuple):
    """One record to publish. ``partition`` None: by the hash of the key, as every Kafka client does."""

    topic: str
    partition: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


class Frame(NamedTuple):
    """What the announcements of one plan in one batch share: parts of the value as JSON, and the time."""

    plan: orjson.Fragment
    label: orjson.Fragment
    occurred_at: str
    time_header: Header

    @classmethod
    def of(cls, plan: Plan, occurred_at: str) -> Self:
        label = {"text": plan.label.text, "color": plan.label.color} if plan.label else None
        shown = {"id": plan.plan_id, "name": plan.name, "version": plan.version}
        time_header = ("ce_time", occurred_at.encode())
        return cls(orjson.Fragment(orjson.dumps(shown)), orjson.Fragment(orjson.dumps(label)), occurred_at, time_header)


async def announcements(topic: str, decided: Sequence[tuple[Assignment, str]], decided_at: datetime) -> list[Message]:
    """The announcements of assignments, each with its event id."""
    occurred_at = format_time(decided_at)
    plans = {assignment.plan.plan_no: assignment.plan for assignment, _ in decided}
    frames = {plan_no: Frame.of(plan, occurred_at) for plan_no, plan in plans.items()}
    made: list[Message] = []
    async for some in by_turns(decided):
        made += [_lead_assigned(topic, *each, frames[each[0].plan.plan_no]) for each in some]
    return made


def _lead_assigned(topic: str, assignment: Assignment, event_id: str, frame: Frame) -> Message:
    """`contracts/outbound.py` describes the fields."""
    plan, plan_seq, manager_id, reason, arrival, _ = assignment
    lead_id, kind, ref, trigger_id, _, _, _, traceparent = arrival
    is_subscription = kind is SUBSCRIPTION
    value = {
        "event_id": event_id,
        "occurred_at": frame.occurred_at,
        "account_id": plan.account_id,
        "lead_id": lead_id,
        "manager_id": manager_id,
        "previous_manager_id": None,
        "revision": 1,
        "plan": frame.plan,
        "plan_seq": plan_seq,
        "label": frame.label,
        "trigger": {
            "kind": str(kind),
            "event_id": trigger_id,
            "lgt_id": ref if is_subscription else None,
            "offer_id": None if is_subscription else ref,
        },
        "reason": str(reason),
    }
    lead = lead_id.encode()
    headers: list[Header] = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", b"salesplan.lead.assigned.v1"),
        ("ce_source", b"/salesplan"),
        ("ce_subject", lead),
        frame.time_header,
        ("content-type", b"application/json"),
    ]
    if traceparent:
        headers.append(("traceparent", traceparent.encode()))
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


async def pack(messages: Sequence[Message]) -> bytes:
    """Messages as one outbox row: MessagePack, compressed here rather than by the database, which is slower at it."""
    packer = msgpack.Packer(autoreset=False)
    packer.pack_array_header(len(messages))
    async for some in by_turns(messages):
        for message in some:
            packer.pack(message)
    return bytes(cramjam.zstd.compress(packer.getbuffer(), level=1))


def unpack(row: bytes) -> list[Message]:
    """The messages of an outbox row, the same bytes that were packed."""
    return [
        Message(topic, partition, key, value, [(name, text) for name, text in headers])
        for topic, partition, key, value, headers in msgpack.unpackb(bytes(cramjam.zstd.decompress(row)))
    ]
