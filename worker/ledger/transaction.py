"""The one transaction of a batch. It writes the decisions, the positions and the outbox row together."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from db import query
from worker import postgres
from worker.concurrency import in_slices
from worker.failpoint import reach
from worker.kafka.limits import Limits
from worker.ledger import counters
from worker.ledger.answer import Answer, BookChanged, PositionMove, PositionsMoved, Rollback, SlotLost, Written
from worker.ledger.read import read_facts
from worker.ledger.rows import (
    ASSIGNMENT_COLUMNS,
    WAITING_COLUMNS,
    Row,
    assignment_row,
    contact_rows,
    event_ids,
    position_rows,
    waiting_rows,
)
from worker.outbox.announcements import Announcements
from worker.outbox.dead_letters import fitting_letter
from worker.outbox.packing import pack
from worker.outbox.slots import Slot
from worker.records.message import Message
from worker.records.record import Record
from worker.rules.batch import Batch, Work
from worker.rules.decide import Assignment, Outcome, decide
from worker.rules.event import Contact, Entry, Poison, Trigger
from worker.rules.facts import Backlog
from worker.rules.ids import PlanNo
from worker.rules.match import Matches
from worker.rules.plan import Plan, PlanBook

READ_START = query("batch/read_start")
DROP_WAITING = query("batch/drop_waiting")
RECORD_CONTACTS = query("batch/record_contacts")
COUNT_UNMATCHED = query("batch/count_unmatched")
MOVE_POSITIONS = query("batch/move_positions")
WRITE_OUTBOX = query("batch/write_outbox")


class BatchStart(NamedTuple):
    """Values that the database gives a batch: the time, and the arrival number of the first record."""

    decided_at: datetime
    first_arrival_no: int


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

    async def write(self, work: Work, book: PlanBook) -> Answer:
        """Decide the work and commit all its changes, or roll everything back.

        Raises the errors of `worker.postgres`. After ``TROUBLE`` the work may be committed or not; after ``RETRY`` and
        ``REFUSED`` it is rolled back. Raises MessageTooLargeError, after a rollback, if a topic does not take an
        announcement, or not even the headers of a dead letter.
        """
        matches = Matches.of(work, book)
        reach("after_match")
        try:
            async with postgres.transaction(self._db):
                return await self._write(work, book, matches)
        except Rollback as rollback:
            return rollback.answer

    async def _write(self, work: Work, book: PlanBook, matches: Matches) -> Written:
        began = time.perf_counter()
        locked = await counters.lock(self._db, matches.plans)
        lock_wait = time.perf_counter() - began
        if any(len(row.assigned) != len(matches.plans[no].roster) for no, row in locked.counters.items()):
            raise Rollback(BookChanged())  # an edit has added managers to a roster
        reach("after_lock")
        start = await self._read_start(book)
        facts = await read_facts(self._db, matches, locked.counters, start.first_arrival_no)
        decided = decide(work, matches, facts)

        ids = event_ids(len(decided.assignments))
        identified = list(zip(decided.assignments, ids, strict=True))
        # The worker makes the messages while the database is busy with the rows.
        messages_task = asyncio.create_task(self._make_messages(identified, decided.dead_letters, start))
        try:
            await self._write_assignments(identified, start)
            await self._write_waiting(decided.queued, start)
            await self._drop_waiting(facts.backlogs)
            await counters.write(self._db, decided.counters, locked)
            await self._write_contacts(decided.contacts)
            await self._count_unmatched(decided.unmatched, start)
            messages, packed = await messages_task
        finally:
            messages_task.cancel()
        reach("after_write")
        moved = await self._move_positions(work, decided.outcomes) if isinstance(work, Batch) else ()
        sequence = await self._write_outbox(packed, start) if messages else None
        reach("before_commit")
        return Written(
            outcomes=Counter(decided.outcomes),
            sequence=sequence,
            messages=messages,
            assignments=decided.assignments,
            leads_by_plan=decided.leads_by_plan,
            moves=moved,
            lock_wait=lock_wait,
        )

    async def _read_start(self, book: PlanBook) -> BatchStart:
        row = await self._db.fetchrow(READ_START)
        assert row is not None  # noqa: S101 -- the first migration inserts the only row
        if row["revision"] != book.revision:
            raise Rollback(BookChanged())
        return BatchStart(row["decided_at"], row["arrival"])

    async def _make_messages(
        self,
        identified: Sequence[tuple[Assignment, str]],
        dead_letters: Sequence[tuple[Record, Poison]],
        start: BatchStart,
    ) -> tuple[list[Message], bytes]:
        """The messages to publish, and the same messages packed for the outbox."""
        messages = await self._announcements.make(identified, start.decided_at)
        self._limits.require(messages)
        async for some in in_slices(dead_letters):
            messages += [fitting_letter(record, poison, self._group, self._limits) for record, poison in some]
        return messages, await pack(messages)

    async def _write_assignments(self, identified: Sequence[tuple[Assignment, str]], start: BatchStart) -> None:
        if identified:
            rows = (assignment_row(*each, start.decided_at, start.first_arrival_no) for each in identified)
            await self._copy("assignment", ASSIGNMENT_COLUMNS, rows)

    async def _write_waiting(self, queued: Sequence[tuple[Plan, Entry]], start: BatchStart) -> None:
        if queued:
            rows = waiting_rows(queued, start.first_arrival_no, start.decided_at)
            await self._copy("waiting_lead", WAITING_COLUMNS, rows)

    async def _copy(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        def records() -> Iterator[Row]:
            yield from rows
            reach("in_copy")

        await self._db.copy_records_to_table(table, schema_name="salesplan", columns=columns, records=records())

    async def _drop_waiting(self, backlogs: Mapping[PlanNo, Backlog]) -> None:
        if backlogs:
            ends = [backlog.last_arrival_no for backlog in backlogs.values()]
            await self._db.execute(DROP_WAITING, list(backlogs), ends)

    async def _write_contacts(self, contacts: Sequence[tuple[Contact, int]]) -> None:
        if contacts:
            await self._db.execute(RECORD_CONTACTS, *zip(*contact_rows(contacts), strict=True))

    async def _count_unmatched(self, unmatched: Counter[tuple[str, Trigger, str]], start: BatchStart) -> None:
        if unmatched:
            columns = zip(*((*key, times) for key, times in sorted(unmatched.items())), strict=True)
            await self._db.execute(COUNT_UNMATCHED, self._slot.number, *columns, start.decided_at)

    async def _move_positions(self, batch: Batch, outcomes: Sequence[Outcome]) -> Sequence[PositionMove]:
        if rows := position_rows(batch, outcomes):
            moved = await self._db.execute(MOVE_POSITIONS, self._group, *zip(*rows, strict=True), batch.fetched.reading)
            if moved != f"UPDATE {len(rows)}":
                raise Rollback(PositionsMoved())
        return rows

    async def _write_outbox(self, row: bytes, start: BatchStart) -> int:
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
            start.decided_at,
        )
        if written != "INSERT 0 1":
            raise Rollback(SlotLost())
        return sequence
