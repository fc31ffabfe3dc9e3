"""The stages of a worker, side by side: while one batch is published the next is written and one more decoded.

Between two stages lies room for one batch: what is away holds up what comes before it, and memory stays bounded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from worker import kafka, postgres
from worker.batch import Batch, Partition
from worker.book import CachedBook
from worker.brake import Brake, BrakeError
from worker.decode import decode
from worker.event import Event, Poison
from worker.failpoint import reach
from worker.health import Health
from worker.intake import Fetched, Intake
from worker.ledger import Answer, BookChanged, Ledger, PositionsMoved, SlotLost, Written
from worker.plan import PlanBook
from worker.publish import Publisher
from worker.settings import Settings
from worker.slots import Slot, SlotLostError

RETRIES = 5
RETRY_PAUSE = 0.05

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wake:
    """Plans whose waiting leads can be assigned; ``done`` is set when a transaction has looked at them."""

    plans: Sequence[int]
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Pipeline:
    """Runs until told to stop, or until something about it goes wrong."""

    def __init__(
        self,
        *,
        settings: Settings,
        intake: Intake,
        pool: postgres.Pool,
        book: CachedBook,
        ledger: Ledger,
        slot: Slot,
        publisher: Publisher,
        brake: Brake,
        health: Health,
    ) -> None:
        self._kinds = settings.topics.inputs
        self._max_value_bytes = settings.intake.max_value_bytes
        self._intake = intake
        self._pool = pool
        self._book = book
        self._ledger = ledger
        self._slot = slot
        self._publisher = publisher
        self._brake = brake
        self._health = health
        self._decoded: asyncio.Queue[Batch | Wake | None] = asyncio.Queue(1)
        self._committed: asyncio.Queue[Written | None] = asyncio.Queue(1)
        self.positions: dict[Partition, int] = {}  # written by this pipeline, for lag tools

    async def run(self, stop: asyncio.Event) -> None:
        """Returns after ``stop`` when everything that was committed is published."""
        async with asyncio.TaskGroup() as stages:
            stages.create_task(self._fetch(stop))
            stages.create_task(self._write())
            stages.create_task(self._publish())

    async def wake(self, plans: Sequence[int]) -> None:
        """Assign leads that wait in these plans; returns when one transaction has."""
        wake = Wake(plans)
        await self._decoded.put(wake)
        await wake.done.wait()

    async def _fetch(self, stop: asyncio.Event) -> None:
        while self._health.brake and not stop.is_set():
            for fetched in await self._intake.poll(self._pool):
                reach("after_fetch")
                batch = self._decode(fetched)
                if not self._passes(batch):
                    break
                await self._decoded.put(batch)
            self._health.group, self._health.input = self._intake.joined, self._intake.readable
        if not self._health.brake:
            await stop.wait()
        await self._decoded.put(None)

    def _passes(self, batch: Batch) -> bool:
        """Whether the batch may be written; once one may not, none may."""
        try:
            self._brake.check(batch.events, batch.generation)
        except BrakeError as error:
            # Offsets stay where they are; a restart with better code, or better input, goes on from there.
            self._health.brake = False
            log.error("stopped_by_brake", why=str(error), todo="mend the deploy or the input, then restart")
        return self._health.brake

    def _decode(self, fetched: Fetched) -> Batch:
        limit = self._max_value_bytes
        events: list[Event] = [
            decode(self._kinds[record.topic], record.value, max_bytes=limit) for record in fetched.records
        ]
        return Batch(fetched.records, events, fetched.expected, fetched.generation, fetched.reading)

    async def _write(self) -> None:
        while (item := await self._decoded.get()) is not None:
            if isinstance(item, Wake):
                await self._write_batch(Batch((), (), {}, self._intake.generation), item.plans)
                item.done.set()
            else:
                await self._write_batch(item)
        await self._committed.put(None)

    async def _write_batch(self, batch: Batch, wake: Sequence[int] = ()) -> None:
        """Write the batch, whole or in halves, unless it turns out to be somebody else's by now."""
        while self._health.brake and batch.generation == self._intake.generation:
            book = self._book.book
            try:
                answer = await self._attempt(batch, book, wake)
            except postgres.REFUSED as error:
                if len(batch) > 1:
                    for half in batch.halves():
                        await self._write_batch(half, wake)
                    return
                batch = self._as_dead_letter(batch, error)
                continue
            match answer:
                case Written():
                    await self._written(batch, answer)
                    return
                case BookChanged():
                    await self._reload(book)
                case PositionsMoved():
                    log.info("positions_moved", records=len(batch))
                    self._intake.distrust()
                    return
                case SlotLost():
                    raise SlotLostError(self._slot.publisher_id)

    def _as_dead_letter(self, batch: Batch, error: postgres.RefusedError) -> Batch:
        """The batch's one record as a dead letter, unless no record is to blame."""
        if not batch.events or isinstance(batch.events[0], Poison):
            raise error
        log.warning("refused", sqlstate=error.sqlstate)
        message = f"value: refused by the database ({error.sqlstate}); see its log"
        batch = batch.refused(Poison("refused", message, type(error).__name__))
        # That the database refuses one record after the other is a bad deploy rather than bad data.
        self._passes(batch)
        return batch

    async def _reload(self, old: PlanBook) -> None:
        async with postgres.borrowed(self._pool) as connection:
            await self._book.refresh(connection)
        if self._book.book is old:
            raise RuntimeError(f"the counters of a plan do not fit the plan book at revision {old.revision}")

    async def _attempt(self, batch: Batch, book: PlanBook, wake: Sequence[int]) -> Answer:
        for attempt in range(RETRIES):
            try:
                return await self._ledger.write(batch, book, wake)
            except postgres.RETRY as error:
                log.warning("tried_again", attempt=attempt + 1, sqlstate=error.sqlstate)
                await asyncio.sleep(RETRY_PAUSE * attempt)
        return await self._ledger.write(batch, book, wake)

    async def _written(self, batch: Batch, written: Written) -> None:
        self.positions |= batch.next_offsets()
        if written.sequence is not None:
            self._slot.sequence = written.sequence
            await self._committed.put(written)
        outcomes = {str(outcome): count for outcome, count in sorted(written.outcomes.items())}
        log.info("written", records=len(batch), sequence=written.sequence, **outcomes)

    async def _publish(self) -> None:
        while (written := await self._committed.get()) is not None:
            assert written.sequence is not None  # noqa: S101 -- only what has messages is queued
            reach("after_commit_before_publish")
            await self._publisher.publish(written.sequence, written.messages)


async def report_positions(pipeline: Pipeline, intake: Intake, seconds: float) -> None:
    """Tell Kafka how far the group has read, for lag tools; failing to is no trouble."""
    while True:
        await asyncio.sleep(seconds)
        with suppress(*kafka.TROUBLE):
            await intake.report(pipeline.positions)
