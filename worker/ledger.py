"""The one transaction: what a batch decides, where it was read from and what is to be published change together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from db import query
from worker import postgres
from worker.batch import Batch, Partition
from worker.decide import Assignment, Decider, Desk, Known, Links, Outcome, Shares
from worker.event import Arrival, Contact, Lead, Poison
from worker.match import match
from worker.messages import Message, dead_letter, format_time, lead_assigned, pack, traceparent
from worker.plan import Mode, Plan, PlanBook, Trigger
from worker.slots import Slot

LOCK_COUNTERS = query("lock_counters")
READ_FENCE = query("read_fence")
FIND_ASSIGNED = query("find_assigned")
FIND_WAITING = query("find_waiting")
TAKE_WAITING = query("take_waiting")
FIND_CONTACTS = query("find_contacts")
FIND_ELSEWHERE = query("find_elsewhere")
MOVE_COUNTERS = query("move_counters")
DROP_WAITING = query("drop_waiting")
RECORD_CONTACTS = query("record_contacts")
COUNT_UNMATCHED = query("count_unmatched")
MOVE_POSITIONS = query("move_positions")
WRITE_OUTBOX = query("write_outbox")

# Waiting leads that one transaction assigns to a plan: bounds how long its lock is held.
BACKLOG_CHUNK = 2000

COUNTED = (
    Outcome.ASSIGNED,
    Outcome.WAITING,
    Outcome.ALREADY_ASSIGNED,
    Outcome.NO_MATCH,
    Outcome.CONTACT_RECORDED,
    Outcome.DEAD_LETTERED,
)  # in the order of move_positions.sql


@dataclass(frozen=True, slots=True)
class Written:
    """The batch is committed; ``sequence`` is its outbox row, None where there is nothing to publish."""

    outcomes: Counter[Outcome]
    sequence: int | None
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class BookChanged:
    """Undone: the plans in force are newer than those the batch was matched against."""


@dataclass(frozen=True, slots=True)
class PositionsMoved:
    """Undone: somebody else has written records of this batch, or is about to. Read the positions again."""


@dataclass(frozen=True, slots=True)
class SlotLost:
    """Undone: the slot has a new owner. Everything this worker holds is his now; lease anew."""


Answer = Written | BookChanged | PositionsMoved | SlotLost


class Undone(Exception):  # noqa: N818 -- not an error: how a transaction is left without being committed
    def __init__(self, answer: BookChanged | PositionsMoved | SlotLost) -> None:
        self.answer = answer


class Fence(NamedTuple):
    """What is in force under the locks: the database's clock, and the first arrival number of the batch."""

    decided_at: datetime
    arrival: int


@dataclass(slots=True)
class Matched:
    """What a batch is about to touch, found without the database."""

    plans: dict[int, Plan] = field(default_factory=dict)
    by_record: list[Sequence[Plan]] = field(default_factory=list)
    keys: list[tuple[int, str]] = field(default_factory=list)  # (plan_no, lead)
    linked: set[tuple[str, str]] = field(default_factory=set)  # (account, lead) that enter linked plans

    @classmethod
    def of(cls, batch: Batch, book: PlanBook, wake: Iterable[int]) -> Matched:
        found = cls({plan_no: book.plans[plan_no] for plan_no in wake if plan_no in book.plans})
        for event in batch.events:
            plans: Sequence[Plan] = ()
            if isinstance(event, Lead):
                plans = match(book, event.account_id, event.kind, event.ref)
                for plan in plans:
                    found.plans[plan.plan_no] = plan
                    found.keys.append((plan.plan_no, event.lead_id))
                    if plan.mode is Mode.LINKED:
                        found.linked.add((event.account_id, event.lead_id))
            found.by_record.append(plans)
        return found


class Ledger:
    """Writes batches over one connection, from one slot."""

    def __init__(self, connection: postgres.Connection, slot: Slot, group_id: str, output_topic: str) -> None:
        self._db = connection
        self._slot = slot
        self._group = group_id
        self._output = output_topic

    async def write(self, batch: Batch, book: PlanBook, wake: Collection[int] = ()) -> Answer:
        """Decide the batch and commit it with all that belongs to it, or undo everything.

        ``wake`` names further plans whose waiting leads are to be assigned. Raises what `worker.postgres` lists:
        after ``TROUBLE`` nothing is known of the batch, after ``RETRY`` and ``REFUSED`` it is undone.
        """
        matched = Matched.of(batch, book, wake)
        try:
            async with self._db.transaction():
                return await self._write(batch, book, matched)
        except Undone as undone:
            return undone.answer

    async def _write(self, batch: Batch, book: PlanBook, matched: Matched) -> Written:
        desks, waiting = await self._lock(matched)
        fence = await self._read_fence(book)
        backlog_ends = await self._read_backlogs(desks, waiting, matched)
        await self._read_leads(desks, waiting, matched)
        decider = Decider(desks, await self._read_links(matched))
        outcomes, unmatched = decide_records(decider, batch, matched, fence.arrival)
        for desk in desks.values():
            decider.drain(desk)

        messages = await self._write_assignments(decider.assignments, fence)
        messages += (
            dead_letter(record, event, self._group)
            for record, event in zip(batch.records, batch.events, strict=True)
            if isinstance(event, Poison)
        )
        await self._write_waiting(decider, fence)
        await self._move_counters(desks, waiting, decider, backlog_ends)
        await self._write_contacts(batch, fence)
        await self._count_unmatched(unmatched, fence)
        await self._move_positions(batch, outcomes)
        sequence = await self._write_outbox(messages, fence)
        return Written(Counter(outcomes), sequence, messages)

    async def _lock(self, matched: Matched) -> tuple[dict[int, Desk], dict[int, int]]:
        """The plans' desks, and how many leads wait in each."""
        rows = await self._db.fetch(LOCK_COUNTERS, list(matched.plans)) if matched.plans else []
        desks, waiting = {}, {}
        for plan_no, last_seq, waits, assigned, last_seqs in rows:
            plan = matched.plans[plan_no]
            if len(assigned) != len(plan.roster):  # a roster only grows by an edit
                raise Undone(BookChanged())
            desks[plan_no] = Desk(plan, Shares(plan, last_seq, assigned, last_seqs))
            waiting[plan_no] = waits
        return desks, waiting

    async def _read_fence(self, book: PlanBook) -> Fence:
        row = await self._db.fetchrow(READ_FENCE)
        assert row is not None  # noqa: S101 -- the migration made the one row
        if row["revision"] != book.revision:
            raise Undone(BookChanged())
        return Fence(row["decided_at"], row["arrival"])

    async def _read_backlogs(
        self, desks: dict[int, Desk], waiting: dict[int, int], matched: Matched
    ) -> dict[int, int]:
        """Give each desk that can work one off its oldest waiting leads; returns the last arrival of each."""
        ends = {}
        for plan_no, desk in desks.items():
            if not waiting[plan_no] or not desk.plan.active:
                continue
            rows = await self._db.fetch(TAKE_WAITING, plan_no, BACKLOG_CHUNK)
            desk.backlog = [_arrival(row) for row in rows]
            desk.backlog_rest = waiting[plan_no] - len(rows)
            ends[plan_no] = rows[-1]["arrival"]
            if desk.plan.mode is Mode.LINKED:
                matched.linked |= {(desk.plan.account_id, arrival.lead_id) for arrival in desk.backlog}
        return ends

    async def _read_leads(self, desks: dict[int, Desk], waiting: dict[int, int], matched: Matched) -> None:
        if matched.keys:
            plan_nos, lead_ids = zip(*matched.keys, strict=True)
            for plan_no, lead_id in await self._db.fetch(FIND_ASSIGNED, plan_nos, lead_ids):
                desks[plan_no].assigned.add(lead_id)
        queued = [key for key in matched.keys if waiting[key[0]]]
        if queued:
            plan_nos, lead_ids = zip(*queued, strict=True)
            for plan_no, lead_id in await self._db.fetch(FIND_WAITING, plan_nos, lead_ids):
                desks[plan_no].waiting.add(lead_id)

    async def _read_links(self, matched: Matched) -> dict[tuple[str, str], Known]:
        known = {key: Known() for key in matched.linked}
        if known:
            accounts, leads = zip(*known, strict=True)
            for account, lead, manager, when, arrival in await self._db.fetch(FIND_CONTACTS, accounts, leads):
                known[account, lead].heard(manager, when, arrival)
            for account, lead, plan_id, manager in await self._db.fetch(FIND_ELSEWHERE, accounts, leads):
                known[account, lead].plans.append((plan_id, manager))
        return known

    async def _write_assignments(self, assignments: Sequence[Assignment], fence: Fence) -> list[Message]:
        if not assignments:
            return []
        # One random id a batch, counted up: ids rise in the order of the decisions.
        first = uuid7().int
        ids = [UUID(int=first + place) for place in range(len(assignments))]
        rows = (
            _row(assignment, event_id, fence)
            for assignment, event_id in zip(assignments, ids, strict=True)
        )
        await self._db.copy_records_to_table(
            "assignment", schema_name="salesplan", columns=ASSIGNMENT_COLUMNS, records=rows
        )
        occurred_at = format_time(fence.decided_at)
        return [
            lead_assigned(self._output, assignment, event_id, occurred_at)
            for assignment, event_id in zip(assignments, ids, strict=True)
        ]

    async def _write_waiting(self, decider: Decider, fence: Fence) -> None:
        if decider.queued:
            rows = [
                (plan.plan_no, fence.arrival + place, fence.decided_at, *arrival)
                for place, (plan, arrival) in enumerate(decider.queued)
            ]
            await self._db.copy_records_to_table(
                "waiting_lead", schema_name="salesplan", columns=WAITING_COLUMNS, records=rows
            )

    async def _move_counters(
        self, desks: dict[int, Desk], waiting: dict[int, int], decider: Decider, backlog_ends: dict[int, int]
    ) -> None:
        drained = {no: end for no, end in backlog_ends.items() if desks[no].drained}
        if drained:
            await self._db.execute(DROP_WAITING, list(drained), list(drained.values()))
        queued = Counter(plan.plan_no for plan, _ in decider.queued)
        changed = {assignment.plan.plan_no for assignment in decider.assignments} | queued.keys()
        if changed:
            rows = [
                (
                    plan_no,
                    desk.shares.last_seq,
                    waiting[plan_no] + queued[plan_no] - desk.drained,
                    _array(desk.shares.assigned),
                    _array(desk.shares.last_seqs),
                )
                for plan_no, desk in desks.items()
                if plan_no in changed
            ]
            await self._db.execute(MOVE_COUNTERS, *zip(*rows, strict=True))

    async def _write_contacts(self, batch: Batch, fence: Fence) -> None:
        latest: dict[tuple[str, str, str], tuple[datetime, int]] = {}
        for place, event in enumerate(batch.events):
            if isinstance(event, Contact):
                key = (event.account_id, event.lead_id, event.manager_id)
                contact = (event.occurred_at, fence.arrival + place)
                latest[key] = max(latest.get(key, contact), contact)
        if latest:
            rows = sorted((*key, *contact) for key, contact in latest.items())
            await self._db.execute(RECORD_CONTACTS, *zip(*rows, strict=True))

    async def _count_unmatched(
        self, unmatched: Counter[tuple[str, Trigger, str]], fence: Fence
    ) -> None:
        if unmatched:
            rows = sorted((*key, times) for key, times in unmatched.items())
            columns = zip(*rows, strict=True)
            await self._db.execute(COUNT_UNMATCHED, self._slot.number, *columns, fence.decided_at)

    async def _move_positions(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        if not batch.records:
            return
        counts: dict[Partition, Counter[Outcome]] = {}
        for record, outcome in zip(batch.records, outcomes, strict=True):
            counts.setdefault((record.topic, record.partition), Counter())[outcome] += 1
        rows = [
            (
                *partition,
                batch.expected[partition],
                following,
                following - batch.expected[partition] - counts[partition].total(),
                *(counts[partition][outcome] for outcome in COUNTED),
            )
            for partition, following in sorted(batch.next_offsets().items())
        ]
        moved = await self._db.execute(MOVE_POSITIONS, self._group, *zip(*rows, strict=True))
        if moved != f"UPDATE {len(rows)}":
            raise Undone(PositionsMoved())

    async def _write_outbox(self, messages: Sequence[Message], fence: Fence) -> int | None:
        if not messages:
            return None
        slot = self._slot
        sequence = slot.sequence + 1
        written = await self._db.execute(
            WRITE_OUTBOX,
            self._group,
            slot.number,
            slot.epoch,
            sequence,
            slot.confirmed,
            slot.lease_seconds,
            pack(messages),
            fence.decided_at,
        )
        if written != "INSERT 0 1":
            raise Undone(SlotLost())
        return sequence


def decide_records(
    decider: Decider, batch: Batch, matched: Matched, first_arrival: int
) -> tuple[list[Outcome], Counter[tuple[str, Trigger, str]]]:
    """Each record's outcome, in order, and what matched no plan."""
    outcomes: list[Outcome] = []
    unmatched: Counter[tuple[str, Trigger, str]] = Counter()
    for place, (record, event, plans) in enumerate(
        zip(batch.records, batch.events, matched.by_record, strict=True)
    ):
        match event:
            case Lead() if plans:
                arrival = Arrival(
                    event.lead_id,
                    event.kind,
                    event.ref,
                    event.event_id,
                    record.topic,
                    record.partition,
                    record.offset,
                    traceparent(record.headers),
                )
                outcomes.append(decider.enter(plans, arrival))
            case Lead():
                unmatched[event.account_id, event.kind, event.ref] += 1
                outcomes.append(Outcome.NO_MATCH)
            case Contact():
                decider.hear(event, first_arrival + place)
                outcomes.append(Outcome.CONTACT_RECORDED)
            case Poison():
                outcomes.append(Outcome.DEAD_LETTERED)
    return outcomes, unmatched


ASSIGNMENT_COLUMNS = (
    "plan_no",
    "plan_seq",
    "lead_id",
    "manager_id",
    "revision",
    "reason",
    "plan_version",
    "trigger_kind",
    "trigger_ref",
    "trigger_event_id",
    "source_topic",
    "source_partition",
    "source_offset",
    "event_id",
    "assigned_at",
    "links",
)

WAITING_COLUMNS = (
    "plan_no",
    "arrival",
    "since",
    "lead_id",
    "trigger_kind",
    "trigger_ref",
    "trigger_event_id",
    "source_topic",
    "source_partition",
    "source_offset",
    "traceparent",
)


def _row(assignment: Assignment, event_id: UUID, fence: Fence) -> tuple[object, ...]:
    plan, arrival = assignment.plan, assignment.arrival
    return (
        plan.plan_no,
        assignment.plan_seq,
        arrival.lead_id,
        assignment.manager_id,
        1,
        assignment.reason,
        plan.version,
        *arrival[1:7],
        event_id,
        fence.decided_at,
        _links(assignment.links),
    )


def _links(links: Links | None) -> str | None:
    return orjson.dumps(links._asdict()).decode() if links else None


def _arrival(row: postgres.Row) -> Arrival:
    return Arrival(
        row["lead_id"],
        Trigger(row["trigger_kind"]),
        row["trigger_ref"],
        UUID(int=row["trigger_event_id"].int),  # asyncpg's own kind of UUID is none that orjson takes
        row["source_topic"],
        row["source_partition"],
        row["source_offset"],
        row["traceparent"],
    )


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"
