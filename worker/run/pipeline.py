"""The stages of a worker, at the same time: it publishes one batch, writes the next and decodes a third.

A queue for one batch lies between two stages. So a server that is away stops the stages before it, and memory stays
bounded. When records come one by one, small batches do not pile up. The worker fetches nothing while it writes a batch,
and pauses after each fetch; waiting messages are published together.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from worker import postgres
from worker.concurrency import in_slices
from worker.failpoint import reach
from worker.failures import Fate, fate_of, waited_out
from worker.intake.brake import Brake, BrakeError
from worker.intake.decode import decode
from worker.intake.poll import Intake
from worker.ledger.answer import Answer, BookChanged, PositionsMoved, SlotLost, Written
from worker.ledger.transaction import Ledger
from worker.outbox.slots import Slot, SlotLostError
from worker.plans.book import CachedBook
from worker.publish.publisher import Publisher
from worker.records.message import Message
from worker.records.record import Partition
from worker.rules.batch import Batch, Fetched, Wake, Work
from worker.rules.event import Event, Poison
from worker.rules.ids import PlanNo
from worker.rules.plan import PlanBook
from worker.run.blame import suspect
from worker.run.decision_log import log_decisions
from worker.run.health import Health
from worker.run.measurements import Measurements
from worker.settings import Settings
from worker.tracing.off import OFF, Tracing

RETRIES = 5
RETRY_PAUSE = 0.05
REST_SECONDS = 1.0

# Seconds between two fetches of small batches. Each batch takes a dozen round trips to Postgres and eight to Kafka,
# however few its records. For other pauses see benchmarks/README.md.
SMALL_BATCH_SECONDS = 0.02

# Bytes of rows for one Kafka transaction: it has a deadline, and brokers may limit the bytes in a second.
MERGED_BYTES = 4 * 1024 * 1024

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WakeRequest:
    """A request to assign waiting leads. The writer sets ``done`` after a transaction that has read the plans."""

    wake: Wake
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Unpublished:
    """Messages of the outbox rows up to ``sequence``, for one Kafka transaction; ``size`` is in bytes."""

    sequence: int
    messages: list[Message]
    size: int


class Pipeline:
    """Runs until ``stop`` is set, or until an error."""

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
        measurements: Measurements,
        tracing: Tracing = OFF,
    ) -> None:
        self._kinds = settings.topics.inputs
        self._max_value_bytes = settings.intake.max_value_bytes
        self._max_batch = settings.intake.max_batch
        self._intake = intake
        self._pool = pool
        self._book = book
        self._ledger = ledger
        self._slot = slot
        self._publisher = publisher
        self._brake = brake
        self._health = health
        self._heart = health.heart
        self._measurements = measurements
        self._tracing = tracing
        self._decoded: asyncio.Queue[Batch | WakeRequest | None] = asyncio.Queue(1)
        self._committed: asyncio.Queue[Unpublished | None] = asyncio.Queue(1)
        self._waiting: Unpublished | None = None  # in the queue; the publisher has not taken it yet
        self.positions: dict[Partition, int] = {}  # positions that this pipeline has written, for lag tools

    async def run(self, stop: asyncio.Event) -> None:
        """Run the stages. Returns after ``stop``, once all committed rows are published."""
        async with asyncio.TaskGroup() as stages:
            stages.create_task(self._fetch(stop))
            stages.create_task(self._write())
            stages.create_task(self._publish())

    async def wake(self, plans: Sequence[PlanNo]) -> None:
        """Assign leads that wait in these plans. Returns after a transaction, so never once the brake is on."""
        request = WakeRequest(Wake(plans))
        await self._decoded.put(request)
        await request.done.wait()

    async def _fetch(self, stop: asyncio.Event) -> None:
        while not (self._brake.is_on or stop.is_set()):
            began = time.monotonic()
            arrived = await self._intake.poll(self._pool)
            backlog = any(len(fetched.records) == self._max_batch for fetched in arrived)
            while arrived:
                reach("after_fetch")
                batch = await self._decode(arrived.pop(0))  # `pop` frees the memory of each batch that is passed on
                if not self._passes(batch):
                    break
                await self._decoded.put(batch)
            if not backlog:
                await self._decoded.join()  # records that come meanwhile make one batch, not several
                await asyncio.sleep(began + SMALL_BATCH_SECONDS - time.monotonic())
            self._heart.beat()
            self._health.group, self._health.input = self._intake.has_joined, self._intake.is_readable
        await self._rest(stop)
        await self._decoded.put(None)

    async def _rest(self, stop: asyncio.Event) -> None:
        """Wait for ``stop`` without reading. After the brake the process lives on until then."""
        while not stop.is_set():
            self._heart.beat()
            with suppress(TimeoutError):
                async with asyncio.timeout(REST_SECONDS):
                    await stop.wait()

    def _passes(self, batch: Batch) -> bool:
        """True if the brake lets the batch pass. After the first refusal no batch passes."""
        try:
            self._brake.check(batch.events, batch.fetched.generation)
        except BrakeError as error:
            # The positions stay. A restart with better code, or better input, goes on from there.
            self._health.brake = False
            log.error("stopped_by_brake", why=str(error), todo="mend the deploy or the input, then restart")
        return not self._brake.is_on

    async def _decode(self, fetched: Fetched) -> Batch:
        kinds, limit = self._kinds, self._max_value_bytes
        events: list[Event] = []
        async for records in in_slices(fetched.records):
            events += [decode(kinds[record.topic], record.value, max_bytes=limit) for record in records]
        return Batch(fetched, events)

    async def _write(self) -> None:
        while (item := await self._decoded.get()) is not None:
            match item:
                case Batch():
                    with self._tracing.processing(item):
                        await self._write_work(item)
                case WakeRequest(wake, done):
                    with self._tracing.processing(wake):
                        await self._write_work(wake)
                    if not self._brake.is_on:
                        done.set()
            self._decoded.task_done()
        await self._committed.put(None)

    async def _write_work(self, work: Work) -> None:
        """Write the work, a batch whole or in halves. Stop if the work belongs to another worker by now."""
        began = time.monotonic()
        while self._may_be_written(work):
            book = self._book.book
            try:
                answer = await self._attempt(work, book)
            except postgres.REFUSED as error:
                batch = suspect(error, work)
                if len(batch) > 1:
                    for half in batch.halves():
                        await self._write_work(half)
                    return
                work = self._as_dead_letter(batch, error)
                continue
            match answer:
                case Written():
                    await self._written(work, answer, time.monotonic() - began)
                    return
                case BookChanged():
                    await self._reload(book)
                case PositionsMoved():
                    self._measurements.record_positions_moved()
                    log.info("positions_moved")
                    self._intake.begin_again()
                    return
                case SlotLost():
                    raise SlotLostError(self._slot.publisher_id)

    def _may_be_written(self, work: Work) -> bool:
        """True unless the brake is on, or a rebalance has come since the batch was fetched."""
        if self._brake.is_on:
            return False
        return not isinstance(work, Batch) or work.fetched.generation == self._intake.generation

    def _as_dead_letter(self, batch: Batch, error: postgres.RefusedError) -> Batch:
        """Make the batch's only record a dead letter."""
        log.warning("refused", sqlstate=error.sqlstate)
        message = f"value: refused by the database ({error.sqlstate}); see its log"
        batch = batch.refused(Poison("refused", message, type(error).__name__))
        # If the database refuses many records in a row, the deploy is more likely at fault than the data.
        self._passes(batch)
        return batch

    async def _reload(self, old: PlanBook) -> None:
        async with postgres.borrowed(self._pool) as connection:
            await self._book.refresh(connection)
        if self._book.book is old:
            raise RuntimeError(f"the counters of a plan do not fit the plan book at revision {old.revision}")

    async def _attempt(self, work: Work, book: PlanBook) -> Answer:
        for attempt in range(RETRIES):
            try:
                return await self._try(work, book)
            except postgres.ServerError as error:
                if fate_of(error) is not Fate.TRY_AGAIN:
                    raise
                self._measurements.record_retry(error.sqlstate)
                log.warning("tried_again", attempt=attempt + 1, sqlstate=error.sqlstate)
                # Without a pause, the batch would block the transaction that it gave way to.
                await asyncio.sleep(RETRY_PAUSE * (attempt + 1))
        return await self._try(work, book)

    async def _try(self, work: Work, book: PlanBook) -> Answer:
        with self._heart.working(), self._tracing.transaction() as answered:
            answer = await self._ledger.write(work, book)
            answered(answer)
            return answer

    async def _written(self, work: Work, written: Written, took: float) -> None:
        positions = {(move.topic, move.partition): move.next_offset for move in written.moves}
        self.positions |= positions
        self._intake.move(positions)
        self._measurements.record_commit(work, written, took)
        if written.sequence is not None:
            self._slot.sequence = written.sequence
            await self._hand_over(written.sequence, written.messages)
        outcomes = {str(outcome): count for outcome, count in sorted(written.outcomes.items())}
        log.info("written", records=written.outcomes.total(), sequence=written.sequence, **outcomes)
        if log.is_enabled_for(logging.DEBUG):
            log_decisions(written.assignments)
        await self._tracing.written(work, written)

    async def _hand_over(self, sequence: int, messages: Sequence[Message]) -> None:
        """Pass the messages to the publisher.

        If others still wait there, join their transaction, up to a batch's size.
        """
        size = sum(len(message.encoded) for message in messages)
        # already in the queue; the publisher may take it at the next await, so there is none here
        waiting = self._waiting
        if waiting and self._is_room(waiting, len(messages), size):
            waiting.sequence = sequence
            waiting.messages += messages
            waiting.size += size
            return
        waiting = Unpublished(sequence, list(messages), size)
        await self._committed.put(waiting)
        self._waiting = waiting

    def _is_room(self, waiting: Unpublished, count: int, size: int) -> bool:
        return len(waiting.messages) + count <= self._max_batch and waiting.size + size <= MERGED_BYTES

    async def _publish(self) -> None:
        while (committed := await self._committed.get()) is not None:
            self._waiting = None
            reach("after_commit_before_publish")
            with self._heart.working():
                await self._publisher.publish(committed.sequence, committed.messages)


async def report_positions(pipeline: Pipeline, intake: Intake, seconds: float) -> None:
    """Report the positions to Kafka at intervals, for lag tools; a failure does no harm."""
    while True:
        await asyncio.sleep(seconds)
        with waited_out():
            await intake.report(pipeline.positions)
