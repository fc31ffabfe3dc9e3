"""Small builders, so that a test says only what it is about."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID
from zlib import crc32

from tests.oracle import Rules
from worker.records.record import Partition
from worker.rules.batch import Batch, Fetched
from worker.rules.event import Contact, Event, Lead, Poison, Trigger

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENT_ID = UUID("01a207d9-207f-7b52-9d41-3c6f7a10e5b2")
PARTITIONS = 3
PLAN_FILE = """
account: acme
plans: [{id: june, name: June, conversion_percent: 10, average_sale: "149.10", managers: [anna], lgts: [l1]}]
"""


class ARecord(NamedTuple):
    """An input record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None = None
    value: bytes | None = b"{}"
    timestamp: int = 1_795_435_200_000
    headers: Sequence[tuple[str, bytes | None]] = ()


def plan(plan_id: str, *managers: str | tuple[str, bool], **wanted: str | Iterable[str]) -> Rules:
    """``lgts``, ``ordered``, ``payment_failed``, ``paid`` bring leads in; by default the LGT named as the plan."""
    kinds = dict(zip(("lgts", "ordered", "payment_failed", "paid"), Trigger, strict=True))
    named = wanted if wanted.keys() & kinds.keys() else {**wanted, "lgts": [plan_id]}
    return Rules(
        plan_id,
        tuple((manager, True) if isinstance(manager, str) else manager for manager in managers),
        frozenset((kind, ref) for word, kind in kinds.items() for ref in named.get(word, ())),
        str(wanted.get("mode", "even")),
        str(wanted.get("account", "acme")),
    )


def paused(manager: str) -> tuple[str, bool]:
    return manager, False


def lead(lead_id: str, ref: str, kind: Trigger = Trigger.SUBSCRIPTION, account: str = "acme") -> Lead:
    return Lead(kind, account, lead_id, ref, EVENT_ID)


def leads(*numbers: int, ref: str = "alpha") -> list[Event]:
    """Leads of one LGT, by their numbers."""
    return [lead(f"lead-{number}", ref) for number in numbers]


def order(lead_id: str, offer: str, account: str = "acme") -> Lead:
    return lead(lead_id, offer, Trigger.ORDER, account)


def contact(lead_id: str, manager: str, minute: int = 0, account: str = "acme") -> Contact:
    return Contact(account, lead_id, manager, NOON + timedelta(minutes=minute))


def poison() -> Poison:
    return Poison("not_json", "value: not JSON; send one JSON object", "ValueError")


def noise(size: int) -> bytes:
    """It does not become smaller by compression."""
    return Random(size).randbytes(size)


def topic_of(event: Event) -> str:
    match event:
        case Lead():
            return event.kind.value
        case Contact():
            return "manager-contact"
        case Poison():
            return "order"


class Feed:
    """Makes records of events, each at the next offset of its partition."""

    def __init__(self, partition: int | None = None) -> None:
        self.next: Counter[Partition] = Counter()
        self._partition = partition

    def batch(self, events: Sequence[Event], headers: Sequence[tuple[str, bytes | None]] = ()) -> Batch:
        expected = dict(self.next)
        records = [self._record(event, headers) for event in events]
        touched = {(record.topic, record.partition) for record in records}
        return Batch(Fetched(records, {key: expected.get(key, 0) for key in touched}), events)

    def _record(self, event: Event, headers: Sequence[tuple[str, bytes | None]]) -> ARecord:
        name = "" if isinstance(event, Poison) else event.lead_id
        partition = crc32(name.encode()) % PARTITIONS if self._partition is None else self._partition
        topic = topic_of(event)
        self.next[topic, partition] += 1
        return ARecord(topic, partition, self.next[topic, partition] - 1, headers=headers)
