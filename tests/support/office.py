"""A worker's hands without Kafka: one connection, one slot, one plan book, and records made up as they come."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Self

from db import query
from tests.oracle import Given, Rules, Waits
from tests.support.make import Feed
from worker import postgres
from worker.kafka.limits import Limits
from worker.ledger.answer import Answer, BookChanged, Written
from worker.ledger.transaction import Ledger
from worker.outbox import slots
from worker.outbox.announcements import Announcements
from worker.outbox.slots import Slot
from worker.plans import store as planstore
from worker.plans.file import PlanFile, PlanSpec
from worker.plans.snapshot import load_changes
from worker.records.message import Message
from worker.records.record import Header
from worker.rules.batch import Batch, Wake, Work
from worker.rules.event import Event, Trigger
from worker.rules.plan import Plan, PlanBook
from worker.tracing.off import OFF, Tracing

GROUP = "salesplan"
OUTPUT = "lead-assigned"
START_POSITIONS = query("positions/start")
PLANS_WITH_WAITING = query("plans/with_waiting")

# Everything but the plan book's one row and the slots, referring tables first.
TABLES = (
    *("outbox", "position", "position_past", "unmatched", "contact", "waiting_lead", "assignment"),
    *("plan_lgt", "plan_version", "plan_counter", "plan", "account"),
)
EVERY_ROW = "select t::text from salesplan.{} t order by 1"
DELETE = "delete from salesplan.{}"


class Office:
    """``partition`` gives it a partition of its own in every topic, so that several can work side by side."""

    def __init__(self, connection: postgres.Connection, slot: Slot, partition: int | None) -> None:
        self.connection = connection
        self.slot = slot
        self.ledger = Ledger(connection, slot, GROUP, Announcements(OUTPUT), Limits())
        self.tracing: Tracing = OFF
        self.book = PlanBook.empty()
        self.feed = Feed(partition)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        dsn: str,
        partition: int | None = None,
        settings: Mapping[str, str] = postgres.BATCH_SETTINGS,
    ) -> AsyncIterator[Self]:
        async with postgres.connected(dsn, application_name="office", settings=settings) as connection:
            yield cls(connection, await slots.lease(connection, GROUP, "office", 60), partition)

    async def edit(self, *edits: Rules) -> None:
        """All of one account, in one transaction; this office's book stays as it is."""
        await self.apply(edits[0].account_id, *map(spec, edits))

    async def apply(self, account_id: str, *plans: PlanSpec) -> None:
        file = PlanFile(account=account_id, plans=plans)
        await planstore.apply(self.connection, file, changed_by="test", execute=True)

    async def refresh(self) -> None:
        self.book = await load_changes(self.connection, self.book)

    async def start(self, batch: Batch) -> Batch:
        """Its partitions start where the batch does, if they never did."""
        expected = batch.fetched.expected
        topics, partitions = [topic for topic, _ in expected], [number for _, number in expected]
        await self.connection.execute(START_POSITIONS, GROUP, topics, partitions, list(expected.values()))
        return batch

    async def batch(self, *events: Event, headers: Sequence[Header] = ()) -> Batch:
        return await self.start(self.feed.batch(events, headers))

    async def attempt(self, work: Work) -> Answer:
        """Once, with the book as it is."""
        with self.tracing.transaction() as answered:
            answer = await self.ledger.write(work, self.book)
            answered(answer)
        if isinstance(answer, Written) and answer.sequence:
            self.slot.sequence = answer.sequence
        return answer

    async def put(self, work: Work) -> Written:
        """Write as a worker does: with a fresh book if the one at hand is not in force."""
        answer = await self.attempt(work)
        if isinstance(answer, BookChanged):
            await self.refresh()
            answer = await self.attempt(work)
        assert isinstance(answer, Written), answer
        return answer

    async def write(self, *events: Event, headers: Sequence[Header] = ()) -> Written:
        return await self.put(await self.batch(*events, headers=headers))

    async def write_halved(self, batch: Batch, halvings: int) -> Counter[str]:
        """In so many halvings; returns the outcomes."""
        if halvings and len(batch) > 1:
            halves = [await self.write_halved(half, halvings - 1) for half in batch.halves()]
            return sum(halves, Counter[str]())
        return Counter({str(outcome): count for outcome, count in (await self.put(batch)).outcomes.items()})

    async def wake(self, plan_id: str, account_id: str = "acme") -> list[Message]:
        """Wake the plan as often as needed. Returns the announcements."""
        await self.refresh()
        plan = self.plan(plan_id, account_id)
        messages: list[Message] = []
        while plan.active and (plan.plan_no,) in await self.rows(PLANS_WITH_WAITING):
            messages += (await self.put(Wake([plan.plan_no]))).messages
        return messages

    def plan(self, plan_id: str, account_id: str = "acme") -> Plan:
        """The plan as it is in this office's book."""
        key = (account_id, plan_id)
        return next(plan for plan in self.book.plans.values() if (plan.account_id, plan.plan_id) == key)

    async def rows(self, statement: str, *arguments: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.connection.fetch(statement, *arguments)]

    async def given(self) -> list[Given]:
        """All assignments, by account, plan and number."""
        found = await self.rows(
            "select account_id, plan_id, plan_seq, lead_id, manager_id, reason"
            " from salesplan_api.assignments order by account_id, plan_id, plan_seq"
        )
        return [Given(*row) for row in found]

    async def managers(self, plan_id: str) -> list[str]:
        return [given.manager_id for given in await self.given() if given.plan_id == plan_id]

    async def waits(self) -> list[Waits]:
        """All waiting leads, by account, plan and arrival."""
        found = await self.rows(
            "select account_id, plan_id, lead_id from salesplan.waiting_lead join salesplan.plan using (plan_no)"
            " order by account_id, plan_id, arrival"
        )
        return [Waits(*row) for row in found]

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table as text, for tests that say that nothing was written."""
        tables = [*TABLES, "slot", "plan_book"]
        return {table: await self.rows(EVERY_ROW.format(table)) for table in tables}

    async def clear(self) -> None:
        """Forget all but the slot."""
        await self.connection.execute(";".join(map(DELETE.format, TABLES)))
        self.book, self.feed = PlanBook.empty(), Feed()


def spec(rules: Rules, **further: object) -> PlanSpec:
    """Rules as the plan file says them."""
    named = {
        word: sorted(ref for kind, ref in rules.refs if kind is trigger)
        for word, trigger in zip(("lgts", "ordered", "payment_failed", "paid"), Trigger, strict=True)
    }
    return PlanSpec.model_validate(
        {
            "id": rules.plan_id,
            "name": rules.plan_id.title(),
            "conversion_percent": "12.50",
            "average_sale": "149.00",
            "managers": [{"id": manager, "paused": not active} for manager, active in rules.managers],
            "lgts": named.pop("lgts"),
            "offers": named,
            "mode": rules.mode,
            **further,
        }
    )


def value_of(message: Message) -> dict[str, Any]:
    assert message.value is not None
    value: dict[str, Any] = json.loads(message.value)
    return value


@asynccontextmanager
async def offices(dsn: str, count: int) -> AsyncIterator[list[Office]]:
    """Each with partitions of its own."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Office.open(dsn, partition)) for partition in range(count)]
