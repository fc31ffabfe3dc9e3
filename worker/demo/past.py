"""Writes a week of made-up history: real records, and the worker's own decisions, at times of the past.

The ledger differs from a worker's in one value alone: the time of each decision. So every invariant of the checker
holds, also for the announcements, which the worker publishes later.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import uuid4

import orjson

from db import query
from worker import postgres
from worker.cluster.topics.create import create
from worker.demo.traffic import CONTACT, ORDER, PAID, SUBSCRIPTION, Step, Traffic
from worker.intake import positions
from worker.intake.decode import decode
from worker.kafka.admin import administration
from worker.kafka.limits import Limits
from worker.kafka.writer import writer
from worker.ledger.answer import BookChanged, Written
from worker.ledger.transaction import BatchStart, Ledger
from worker.outbox import slots
from worker.outbox.announcements import Announcements
from worker.people import names
from worker.people import store as people
from worker.plans import store as planstore
from worker.plans.file import parse
from worker.plans.snapshot import load_changes
from worker.records.record import Header
from worker.rules.batch import Batch, Fetched
from worker.rules.plan import PlanBook
from worker.settings import Settings

OWNER = query("demo/owner")
DATE_VERSIONS = query("demo/date_versions")

PLANS = Path(__file__).with_name("office.yaml")
NAMES = Path(__file__).with_name("office_names.csv")
ACCOUNT = "sunny-school"
HEAD, MANAGER, MANAGER_ID = "head@sunny-school.example", "anna@sunny-school.example", "anna"
DAYS = 7
DECISION_TIME = timedelta(milliseconds=180)  # from an event to its decision
WINDOW = timedelta(hours=1)  # records of one window are sent before any of them is decided
LEASE_SECONDS = 60.0
FASTER = {"synchronous_commit": "off"}  # a made-up past may be lost in a crash


class Edit(NamedTuple):
    """An edit of a plan, so many days after the beginning: it pauses or resumes a manager, or archives the plan."""

    days: float
    plan_id: str
    manager_id: str | None  # None: archive
    paused: bool = False


EDITS = (
    Edit(1.4, "english-webinar", "chen"),
    Edit(2.5, "spring-sale", None),
    Edit(3.35, "english-webinar", "boris", paused=True),
    Edit(4.4, "english-webinar", "boris"),
    Edit(5.3, "night-bot", "rosa", paused=True),
)


class Sent(Protocol):
    """The place of an acknowledged record."""

    topic: str
    partition: int
    offset: int
    timestamp: int


Send = Callable[[str, bytes, bytes], Awaitable[Awaitable[Sent]]]


class _Record(NamedTuple):
    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    timestamp: int
    headers: Sequence[Header] = ()


class PastLedger(Ledger):
    """Decides at ``decided_at``, which has no more than milliseconds."""

    decided_at: datetime

    async def _read_start(self, book: PlanBook) -> BatchStart:
        return (await super()._read_start(book))._replace(decided_at=self.decided_at)


def value_of(step: Step, at: datetime, manager_id: str) -> bytes:
    """The value of the step's record; ``manager_id`` is that of a contact."""
    event: dict[str, object] = {
        "event_id": str(uuid4()),
        "occurred_at": at,
        "account_id": ACCOUNT,
        "lead_id": step.lead_id,
    }
    if step.kind == SUBSCRIPTION:
        event["lgt_id"] = step.ref
    elif step.kind == CONTACT:
        event["manager_id"] = manager_id
    else:
        event |= {"offer_id": step.ref, "order_id": f"order-{step.number}"}
        if step.kind in (ORDER, PAID):
            event["amount"] = {"amount": "149.00", "currency": "USD"}
    return orjson.dumps(event, option=orjson.OPT_UTC_Z)


async def record_of(connection: postgres.Connection, step: Step, at: datetime) -> bytes | None:
    """The value of the step's record. Returns None for a contact with a client whom nobody has."""
    owner = await connection.fetchval(OWNER, ACCOUNT, step.lead_id) if step.kind == CONTACT else ""
    return None if owner is None else value_of(step, at, owner)


async def prepare(settings: Settings, traffic: Traffic, begin: datetime, now: datetime) -> None:
    """Make topics, plans, names and people, and the history from ``begin`` to ``now``."""
    async with (
        postgres.connected(
            settings.dsn, application_name="salesplan-demo", settings={**postgres.BATCH_SETTINGS, **FASTER}
        ) as connection,
        writer(settings.kafka) as producer,
    ):
        await _prepare_topics(settings, connection)
        await planstore.apply(connection, parse(PLANS.read_text("utf-8")), changed_by=HEAD, execute=True)
        await connection.execute(DATE_VERSIONS, begin)
        await names.apply(connection, ACCOUNT, names.parse(NAMES.read_bytes()), execute=True)
        for user, manager_id in ((HEAD, None), (MANAGER, MANAGER_ID)):
            await people.add(connection, people.Person(ACCOUNT, user, manager_id), execute=True)
        slot = await slots.lease(connection, settings.kafka.group_id, "history", LEASE_SECONDS)
        await _History(settings, connection, slot, producer.send).write(traffic, begin, now)
        await slots.release(connection, slot)


async def _prepare_topics(settings: Settings, connection: postgres.Connection) -> None:
    inputs = settings.topics.inputs
    async with administration(settings.kafka) as admin:
        await create(admin, settings)
        logs = await admin.logs(inputs)
    partitions = {(topic, number): 0 for topic in inputs for number in range(settings.topics.partitions)}
    await positions.start(connection, settings.kafka.group_id, partitions)
    await positions.name_logs(connection, settings.kafka.group_id, logs)


class _History:
    def __init__(self, settings: Settings, connection: postgres.Connection, slot: slots.Slot, send: Send) -> None:
        self._settings = settings
        self._connection = connection
        self._slot = slot
        self._send = send
        self._topics = {kind: topic for topic, kind in settings.topics.inputs.items()}
        announcements = Announcements(settings.topics.lead_assigned)
        self._ledger = PastLedger(connection, slot, settings.kafka.group_id, announcements, Limits())
        self._book = PlanBook.empty()

    async def write(self, traffic: Traffic, begin: datetime, now: datetime) -> None:
        """Write the steps and the edits between these times, in order."""
        edits = [(begin + timedelta(days=edit.days), edit) for edit in EDITS]
        start = begin
        while start < now:
            end = min(start + WINDOW, now)
            steps = []
            while traffic.peek().at < end:
                steps.append(traffic.pop())
            for step, record in await self._sent(steps):
                while edits and edits[0][0] < step.at:
                    await self._edit(*edits.pop(0))
                await self._decide(step, record)
            start = end
        for edit in edits:
            await self._edit(*edit)

    async def _sent(self, steps: Sequence[Step]) -> list[tuple[Step, _Record]]:
        sending = []
        for step in steps:
            value, key = await record_of(self._connection, step, step.at), step.lead_id.encode()
            if value is not None:
                sending.append((step, key, value, await self._send(self._topics[step.kind], value, key)))
        found = []
        for step, key, value, acknowledged in sending:
            sent = await acknowledged
            found.append((step, _Record(sent.topic, sent.partition, sent.offset, key, value, sent.timestamp)))
        return found

    async def _decide(self, step: Step, record: _Record) -> None:
        """Decide one record as a batch of its own, so that each client has a time of its own."""
        event = decode(step.kind, record.value, max_bytes=len(record.value))
        batch = Batch(Fetched([record], {(record.topic, record.partition): record.offset}), [event])
        at = step.at + DECISION_TIME
        self._ledger.decided_at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        while isinstance(answer := await self._ledger.write(batch, self._book), BookChanged):
            self._book = await load_changes(self._connection, self._book)
        assert isinstance(answer, Written), answer  # noqa: S101 -- nobody else is at work
        self._slot.sequence = answer.sequence or self._slot.sequence

    async def _edit(self, at: datetime, edit: Edit) -> None:
        if edit.manager_id is None:
            await planstore.archive(self._connection, ACCOUNT, edit.plan_id, changed_by=HEAD, execute=True)
        else:
            await planstore.set_paused(
                self._connection,
                ACCOUNT,
                edit.plan_id,
                edit.manager_id,
                paused=edit.paused,
                changed_by=HEAD,
                execute=True,
            )
        await self._connection.execute(DATE_VERSIONS, at)


def beginning(now: datetime) -> datetime:
    """The midnight (UTC) with which the history begins."""
    return (now - timedelta(days=DAYS)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
