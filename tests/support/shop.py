"""A small healthy state made by the worker's own code, with real records in real topics: to be broken on purpose."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4, uuid5

import orjson

from tests.support import make
from tests.support.make import EVENT_ID, NOON, ARecord, contact, poison
from worker import postgres
from worker.cluster.topics import create
from worker.intake import positions
from worker.intake.decode import decode
from worker.kafka.admin import administration
from worker.kafka.limits import Limits
from worker.kafka.reader import read_all
from worker.kafka.writer import writer
from worker.ledger.answer import BookChanged, Written
from worker.ledger.transaction import Ledger
from worker.outbox import slots
from worker.outbox.announcements import Announcements
from worker.plans import store as planstore
from worker.plans.file import parse
from worker.plans.snapshot import load_changes
from worker.publish.publisher import open_publisher
from worker.records.record import Partition, Record
from worker.rules.batch import Batch, Fetched, Wake, Work
from worker.rules.decide import Outcome
from worker.rules.event import Contact, Event, Lead, Poison, Trigger
from worker.rules.plan import PlanBook
from worker.run.measurements import Measurements
from worker.settings import Settings

PARTITIONS = 2
MAX_BYTES = 1_048_576

PLANS = """
account: acme
plans:
  - {id: june, name: June webinar, conversion_percent: 12.5, average_sale: "149.00", lgts: [landing],
     label: {text: Webinar, color: "#2563eb"}, managers: [anna, boris, cleo]}
  - {id: second, name: Second sale, conversion_percent: 5, average_sale: "10.00", mode: linked,
     managers: [boris, gita, {id: hugo, paused: true}, irma], offers: {ordered: [offer], paid: [offer]}}
  - {id: night, name: Night shift, conversion_percent: 5, average_sale: "10.00",
     managers: [{id: rosa, paused: true}], lgts: [bot]}
"""
GLOBEX = """
account: globex
plans:
  - {id: june, name: June, conversion_percent: 1, average_sale: "1.00", managers: [zoe], lgts: [landing]}
"""
POISON = poison()


def lead(lead_id: str, ref: str = "landing", kind: Trigger = Trigger.SUBSCRIPTION, account: str = "acme") -> Lead:
    return make.lead(lead_id, ref, kind, account)._replace(event_id=uuid5(EVENT_ID, f"{lead_id} {ref}"))


def order(lead_id: str) -> Lead:
    return lead(lead_id, "offer", Trigger.ORDER)


def written(event: Event) -> bytes:
    """The value of a record that decodes to the event."""
    if isinstance(event, Poison):
        return b"not JSON"
    common = {"account_id": event.account_id, "lead_id": event.lead_id}
    if isinstance(event, Contact):
        return orjson.dumps({**common, "event_id": uuid4(), "occurred_at": NOON, "manager_id": event.manager_id})
    what = {"lgt_id": event.ref} if event.kind is Trigger.SUBSCRIPTION else {"offer_id": event.ref, "order_id": "1"}
    amount = {"amount": {"amount": "149.00", "currency": "USD"}} if event.kind is Trigger.PAID else {}
    return orjson.dumps({**common, "event_id": event.event_id, "occurred_at": NOON, **what, **amount})


class Shop:
    """One worker's hands: a connection, a slot, a plan book, and records that go through Kafka."""

    def __init__(self, settings: Settings, connection: postgres.Connection, pool: postgres.Pool) -> None:
        self.settings = settings
        self.measurements, self.limits = Measurements(settings), Limits()
        self.connection = connection
        self.pool = pool
        self._topics = {kind: topic for topic, kind in settings.topics.inputs.items()}
        self._book = PlanBook.empty()
        self.slot: slots.Slot | None = None
        self.poison: list[tuple[str, int, int]] = []  # where it was read

    @property
    def output(self) -> str:
        return self.settings.topics.lead_assigned

    @property
    def group(self) -> str:
        return self.settings.kafka.group_id

    async def prepare(self) -> None:
        async with administration(self.settings.kafka) as admin:
            await create(admin, self.settings)
            logs = await admin.logs(self._topics.values())
        for plans in (PLANS, GLOBEX):
            await self.apply(plans)
        places = {(topic, partition): 0 for topic in self._topics.values() for partition in range(PARTITIONS)}
        await positions.start(self.connection, self.group, places)
        await positions.name_logs(self.connection, self.group, logs)

    async def apply(self, plans: str) -> None:
        await planstore.apply(self.connection, parse(plans), changed_by="test", execute=True)

    async def pause(self, plan: str, manager: str, *, paused: bool = True) -> None:
        await planstore.set_paused(
            self.connection, "acme", plan, manager, paused=paused, changed_by="test", execute=True
        )

    async def write(self, *events: Event) -> Written:
        """Events as one batch: produced, decided, committed, not yet published."""
        return await self._write(await self._batch(events))

    async def wake(self, plan_id: str) -> Written:
        """The plan's waiting leads: decided, committed, not yet published."""
        self._book = await load_changes(self.connection, self._book)
        return await self._write(Wake([plan.plan_no for plan in self._book.plans.values() if plan.plan_id == plan_id]))

    async def refuse(self, event: Event, why: str = "UniqueViolationError") -> None:
        """A good record, dead-lettered as one that the database refused."""
        batch = await self._batch([event])
        await self._write(batch.refused(Poison("refused", "value: refused by the database", why)))

    async def read_on(self) -> Written:
        """Whatever the inputs hold from the positions on, as one batch."""
        known = await positions.read(self.connection, self.group)
        records: list[Record] = []
        async for some in read_all(self.settings.kafka, list(self._topics.values())):
            records += (each for each in some if each.offset >= known[each.topic, each.partition].next_offset)
        kinds = self.settings.topics.inputs
        events = [decode(kinds[each.topic], each.value, max_bytes=MAX_BYTES) for each in records]
        return await self._write(self._from_positions(records, events, known))

    async def _write(self, work: Work) -> Written:
        slot = self.slot = self.slot or await slots.lease(self.connection, self.group, "shop", 60)
        ledger = Ledger(self.connection, slot, self.group, Announcements(self.output), self.limits)
        while True:
            answer = await ledger.write(work, self._book)
            if not isinstance(answer, BookChanged):
                break
            self._book = await load_changes(self.connection, self._book)
        assert isinstance(answer, Written), answer
        slot.sequence = answer.sequence or slot.sequence
        return answer

    async def publish(self) -> None:
        """Publish all rows written so far, and store that in the slot."""
        assert self.slot is not None
        async with open_publisher(
            self.settings.kafka,
            self.pool,
            self.slot,
            self.output,
            self.measurements.record_messages,
            limits=self.limits,
        ):
            pass  # opening it has published everything
        await slots.renew(self.connection, self.slot)

    async def send(self, topic: str, *records: dict[str, Any]) -> list[int]:
        """Plain records, as any producer writes them; returns their offsets."""
        async with writer(self.settings.kafka) as producer:
            return [(await producer.send_and_wait(topic, **record)).offset for record in records]

    async def _batch(self, events: Sequence[Event]) -> Batch:
        records = []
        async with writer(self.settings.kafka) as producer:
            for number, event in enumerate(events):
                topic, partition = self._topic(event), number % PARTITIONS
                key = None if isinstance(event, Poison) else event.lead_id.encode()
                value = written(event)
                sent = await producer.send_and_wait(topic, value, key, partition=partition)
                records.append(ARecord(topic, partition, sent.offset, key, value, sent.timestamp, ()))
        self.poison += [record[:3] for record, event in zip(records, events, strict=True) if event is POISON]
        return self._from_positions(records, events, await positions.read(self.connection, self.group))

    def _from_positions(
        self, records: Sequence[Record], events: Sequence[Event], known: Mapping[Partition, positions.Position]
    ) -> Batch:
        touched = {(record.topic, record.partition) for record in records}
        reading = max(position.reading for position in known.values())
        return Batch(Fetched(records, {place: known[place].next_offset for place in touched}, reading=reading), events)

    def _topic(self, event: Event) -> str:
        match event:
            case Lead():
                return self._topics[event.kind.value]
            case Contact():
                return self._topics["manager-contact"]
            case Poison():
                return self._topics["order"]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Shop]:
    async with (
        postgres.connected(settings.dsn, application_name="shop", settings=postgres.BATCH_SETTINGS) as connection,
        postgres.pool(settings.dsn, application_name="shop", size=2) as pool,
    ):
        yield Shop(settings, connection, pool)


async def trade(shop: Shop) -> None:
    """Every outcome, every reason, two versions of a plan, and leads that waited: all published but the last batch."""
    await shop.prepare()
    written = await shop.write(
        *(lead(f"l{number}") for number in range(8)),
        lead("l1"),
        lead("l1", account="globex"),
        contact("l3", "irma"),
        *(order(f"l{number}") for number in range(4)),
        lead("w1", "bot"),
        lead("w2", "bot"),
        lead("n1", "nowhere"),
        POISON,
        POISON,
    )
    assert written.outcomes.keys() == set(Outcome)
    await shop.pause("second", "gita")
    await shop.write(*(order(f"o{number}") for number in range(5)), lead("l1", "offer", Trigger.PAID), POISON)
    await shop.pause("night", "rosa", paused=False)
    await shop.wake("night")
    await shop.pause("night", "rosa")
    await shop.write(lead("w3", "bot"), lead("w4", "bot"), lead("w3", "bot"))
    await shop.publish()
    await shop.write(lead("l8"), POISON)
