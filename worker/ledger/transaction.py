"""The one transaction: what a batch decides, where it was read from and what is to be published change together."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from db import query
from worker import postgres
from worker.concurrency import in_slices
from worker.failpoint import reach
from worker.kafka.limits import Limits
from worker.ledger import counters
from worker.ledger.answer import Answer, BookChanged, Moved, PositionsMoved, SlotLost, Undone, Written
from worker.ledger.arrays import int_array
from worker.ledger.counters import Locked
from worker.ledger.rows import (
    ASSIGNMENT_COLUMNS,
    WAITING_COLUMNS,
    Row,
    arrival,
    assignment_row,
    contact_rows,
    event_ids,
    position_rows,
    waiting_rows,
)
from worker.outbox.announcements import Announcements
from worker.outbox.dead_letters import fitting_letter
from worker.outbox.row import pack
from worker.outbox.slots import Slot
from worker.records.message import Message
from worker.rules.batch import Batch
from worker.rules.decide import Assignment, Decider, Desk, Known, Outcome, decide_records
from worker.rules.event import Arrival, Poison, Trigger
from worker.rules.match import Matched
from worker.rules.plan import Mode, Plan, PlanBook

READ_FENCE = query("read_fence")
FIND_ASSIGNED = query("find_assigned")
FIND_WAITING = query("find_waiting")
TAKE_WAITING = query("take_waiting")
FIND_CONTACTS = query("find_contacts")
FIND_ELSEWHERE = query("find_elsewhere")
DROP_WAITING = query("drop_waiting")
RECORD_CONTACTS = query("record_contacts")
COUNT_UNMATCHED = query("count_unmatched")
MOVE_POSITIONS = query("move_positions")
WRITE_OUTBOX = query("write_outbox")

# Waiting leads that one transaction assigns to a plan: bounds how long its lock is held.
BACKLOG_CHUNK = 2000


class Fence(NamedTuple):
    """What holds for a batch: the database's clock, and the batch's first arrival number."""

    decided_at: datetime
    arrival: int


class Ledger:
    """Writes batches over one connection, from one slot."""

    def __init__(
        self,
        connection: postgres.Connection,
        slot: Slot,
        group_id: str,
        announcements: Announcements,
        limits: Limits,
    ) -> None:
        self._db = connection
        self._slot = slot
        self._group = group_id
        self._limits = limits
        self._announcements = announcements

    async def write(self, batch: Batch, book: PlanBook, wake: Collection[int] = ()) -> Answer:
        """Decide the batch and commit it with all that belongs to it, or undo everything.

        ``wake`` names further plans whose waiting leads are to be assigned. Raises what `worker.postgres` lists:
        after ``TROUBLE`` nothing is known of the batch, after ``RETRY`` and ``REFUSED`` it is undone. Raises
        MessageTooLargeError, with the batch undone, where a topic does not take an announcement, or a dead letter even
        without its record.
        """
        matched = Matched.of(batch, book, wake)
        reach("after_match")
        try:
            async with postgres.transaction(self._db):
                return await self._write(batch, book, matched)
        except Undone as undone:
            return undone.answer

    async def _write(self, batch: Batch, book: PlanBook, matched: Matched) -> Written:
        began = time.perf_counter()
        desks, locked = await counters.lock(self._db, matched.plans)
        lock_wait = time.perf_counter() - began
        if any(len(desk.shares.assigned) != len(desk.plan.roster) for desk in desks.values()):
            raise Undone(BookChanged())  # a roster only grows by an edit
        before = [(desk, desk.shares.last_seq) for desk in desks.values()]
        reach("after_lock")
        fence = await self._read_fence(book)
        backlog_ends = await self._read_backlogs(desks, locked, matched)
        await self._read_leads(desks, locked, matched)
        decider = Decider(desks, await self._read_links(matched))
        outcomes, unmatched = decide_records(decider, batch, matched, fence.arrival)
        for desk in desks.values():
            decider.drain(desk)

        ids = event_ids(len(decider.assignments))
        decided = list(zip(decider.assignments, ids, strict=True))
        # Made while the database is busy with the rows.
        making = asyncio.create_task(self._make_messages(decided, batch, fence))
        try:
            await self._write_assignments(decided, fence)
            await self._write_waiting(decider.queued, fence)
            await self._move_counters(desks, locked, decider, backlog_ends)
            await self._write_contacts(batch, fence)
            await self._count_unmatched(unmatched, fence)
            messages, packed = await making
        finally:
            making.cancel()
        reach("after_write")
        moved = await self._move_positions(batch, outcomes)
        sequence = await self._write_outbox(packed, fence) if messages else None
        reach("before_commit")
        given = [(desk.plan, leads) for desk, seq in before if (leads := desk.shares.last_seq - seq)]
        return Written(Counter(outcomes), sequence, messages, decider.assignments, given, moved, lock_wait)

    async def _read_fence(self, book: PlanBook) -> Fence:
        row = await self._db.fetchrow(READ_FENCE)
        assert row is not None  # noqa: S101 -- the migration made the one row
        if row["revision"] != book.revision:
            raise Undone(BookChanged())
        return Fence(row["decided_at"], row["arrival"])

    async def _read_backlogs(
        self, desks: dict[int, Desk], locked: dict[int, Locked], matched: Matched
    ) -> dict[int, int]:
        """Give each desk that can work one off its oldest waiting leads; returns the last arrival of each."""
        ends = {}
        for plan_no, desk in desks.items():
            if not locked[plan_no].waiting or not desk.plan.active:
                continue
            rows = await self._db.fetch(TAKE_WAITING, plan_no, BACKLOG_CHUNK)
            desk.backlog = [arrival(row) for row in rows]
            desk.backlog_rest = locked[plan_no].waiting - len(rows)
            ends[plan_no] = rows[-1]["arrival"]
            if desk.plan.mode is Mode.LINKED:
                matched.linked |= {(desk.plan.account_id, lead.lead_id) for lead in desk.backlog}
        return ends

    async def _read_leads(self, desks: dict[int, Desk], locked: dict[int, Locked], matched: Matched) -> None:
        if matched.keys:
            plan_nos, lead_ids = zip(*matched.keys, strict=True)
            for plan_no, lead_id in await self._db.fetch(FIND_ASSIGNED, int_array(plan_nos), "\n".join(lead_ids)):
                desks[plan_no].assigned.add(lead_id)
        queued = [key for key in matched.keys if locked[key[0]].waiting]
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

    async def _make_messages(
        self, decided: Sequence[tuple[Assignment, str]], batch: Batch, fence: Fence
    ) -> tuple[list[Message], bytes]:
        """What is to be published, and the same as the outbox keeps it."""
        messages = await self._announcements.make(decided, fence.decided_at)
        self._limits.require(messages)
        pairs = zip(batch.records, batch.events, strict=True)
        refused = [(record, event) for record, event in pairs if isinstance(event, Poison)]
        async for some in in_slices(refused):
            messages += [fitting_letter(record, event, self._group, self._limits) for record, event in some]
        return messages, await pack(messages)

    async def _write_assignments(self, decided: Sequence[tuple[Assignment, str]], fence: Fence) -> None:
        if decided:
            rows = (assignment_row(*each, fence.decided_at, fence.arrival) for each in decided)
            await self._copy("assignment", ASSIGNMENT_COLUMNS, rows)

    async def _write_waiting(self, queued: Sequence[tuple[Plan, Arrival]], fence: Fence) -> None:
        if queued:
            rows = waiting_rows(queued, fence.arrival, fence.decided_at)
            await self._copy("waiting_lead", WAITING_COLUMNS, rows)

    async def _copy(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        def records() -> Iterator[Row]:
            yield from rows
            reach("in_copy")

        await self._db.copy_records_to_table(table, schema_name="salesplan", columns=columns, records=records())

    async def _move_counters(
        self,
        desks: dict[int, Desk],
        locked: dict[int, Locked],
        decider: Decider,
        backlog_ends: dict[int, int],
    ) -> None:
        drained = {no: end for no, end in backlog_ends.items() if desks[no].drained}
        if drained:
            await self._db.execute(DROP_WAITING, list(drained), list(drained.values()))
        queued = Counter(plan.plan_no for plan, _ in decider.queued)
        changed = {assignment.plan.plan_no for assignment in decider.assignments} | queued.keys()
        await counters.move(self._db, desks, locked, queued, changed)

    async def _write_contacts(self, batch: Batch, fence: Fence) -> None:
        if rows := contact_rows(batch, fence.arrival):
            await self._db.execute(RECORD_CONTACTS, *zip(*rows, strict=True))

    async def _count_unmatched(self, unmatched: Counter[tuple[str, Trigger, str]], fence: Fence) -> None:
        if unmatched:
            columns = zip(*((*key, times) for key, times in sorted(unmatched.items())), strict=True)
            await self._db.execute(COUNT_UNMATCHED, self._slot.number, *columns, fence.decided_at)

    async def _move_positions(self, batch: Batch, outcomes: Sequence[Outcome]) -> Sequence[Moved]:
        if rows := position_rows(batch, outcomes):
            moved = await self._db.execute(MOVE_POSITIONS, self._group, *zip(*rows, strict=True), batch.fetched.reading)
            if moved != f"UPDATE {len(rows)}":
                raise Undone(PositionsMoved())
        return rows

    async def _write_outbox(self, row: bytes, fence: Fence) -> int:
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
            row,
            fence.decided_at,
        )
        if written != "INSERT 0 1":
            raise Undone(SlotLost())
        return sequence
