"""Builds a worker out of its parts, and builds it again when something around it fails.

There is one way to recover from anything unknown, be it a lost answer of Postgres or of Kafka: end the session and
begin another. A new session leases a slot, publishes what is left in it, reads the positions, and goes on.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from worker import kafka, postgres
from worker.cluster import diagnose
from worker.cluster.attendance import Attendance
from worker.failpoint import reach
from worker.intake import positions
from worker.intake.brake import Brake
from worker.intake.poll import Intake
from worker.kafka.consumer import Consumer
from worker.kafka.limits import Limits
from worker.kafka.producer import TRANSACTION_SECONDS
from worker.ledger.transaction import Ledger
from worker.log.reminders import Reminders
from worker.outbox import slots
from worker.plans.book import CachedBook, follow_plans
from worker.postgres import sequences, statements
from worker.publish import takeover
from worker.publish.publisher import Publisher, publisher
from worker.run import database
from worker.run.health import Health, served
from worker.run.pipeline import Pipeline, report_positions
from worker.run.reachable import watch_kafka
from worker.run.tally import Tally
from worker.run.topics import TopicsUnfitError, TopicWatch, watch_logs
from worker.run.watch import watch_group, watch_held, watch_lag, watch_open, watch_tables
from worker.settings import Settings
from worker.stillness import Stillness
from worker.tracing import OFF, Tracing
from worker.troubles import leaves, names

TROUBLE: tuple[type[BaseException], ...] = (*takeover.TROUBLE, TopicsUnfitError)

FIRST_PAUSE = 0.2  # seconds between a failed session and the next; doubles up to the longest
LONGEST_PAUSE = 3.0
REFUSED_PAUSE = 15.0  # the longest where a session opens and gets nothing done
STEADY_SECONDS = 60.0  # a session that lasted so long was fine, also where there was nothing to do
REPORT_SECONDS = 1.0
LOGS_SECONDS = 10.0  # between looks whether a topic was made anew, has grown, or does not fit any more
KAFKA_SECONDS = 5.0  # between looks whether Kafka answers; each may take ten more
LAG_SECONDS = 1.0
GROUP_SECONDS = 10.0  # between looks at the whole group; somebody else in it is noticed within a minute
TABLES_SECONDS = 5.0  # between looks at the outbox and the shares, for the metrics
STOP_GRACE = 12.0  # and then some seconds for each client: the process is gone within 30 s of SIGTERM

log = structlog.get_logger()


@dataclass(frozen=True)
class _Watched:
    """What the worker watches of the group, by its own clock."""

    attendance: Attendance
    slots: Stillness[int] = field(default_factory=lambda: Stillness(2 * takeover.LOOK_SECONDS))
    sessions: Stillness[int] = field(default_factory=lambda: Stillness(2 * takeover.LOOK_SECONDS))
    outbox: Stillness[int] = field(default_factory=lambda: Stillness(2 * TABLES_SECONDS))


@dataclass(slots=True)
class _Worker:
    """What outlives a session."""

    settings: Settings
    stop: asyncio.Event
    tracing: Tracing
    health: Health
    tally: Tally
    brake: Brake
    topics: TopicWatch
    watched: _Watched
    limits: Limits
    reminders: Reminders
    admitted: bool = False  # the database is migrated as far as this release needs
    progressed: bool = False  # the session that is under way, or was last, got something done or lasted

    @classmethod
    def of(cls, settings: Settings, stop: asyncio.Event, tracing: Tracing) -> _Worker:
        """One that has not begun to work."""
        brake = Brake(settings.brake.consecutive, settings.brake.ratio, settings.brake.window)
        health, tally, limits, reminders = Health(), Tally(settings), Limits(), Reminders()
        watch = TopicWatch(settings, health, tally.metrics, limits=limits, reminders=reminders)
        watched = _Watched(Attendance(settings.topics.inputs))
        return cls(settings, stop, tracing, health, tally, brake, watch, watched, limits, reminders)

    @property
    def name(self) -> str:
        """As operators see it in the table of slots."""
        return f"{socket.gethostname()}:{os.getpid()}"


async def run(settings: Settings, stop: asyncio.Event, tracing: Tracing = OFF) -> None:
    """Work until ``stop``. Waits out Kafka and Postgres being away.

    Raises PositionsUnfitError, PositionAheadError or PositionForeignError where it would lose or repeat records,
    SequencesBehindError where it would give numbers again, NobodysFaultError where the database refuses what no record
    is to blame for, and PortUnusableError where the probes can't be answered.
    """
    worker = _Worker.of(settings, stop, tracing)
    async with served(worker.health, worker.tally.metrics, settings.ops):
        working = asyncio.create_task(_work(worker))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await asyncio.wait({working}, timeout=STOP_GRACE)
        if not working.done():
            log.warning("stopped_midway", note="what is committed and not yet published, another worker publishes")
            working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def _work(worker: _Worker) -> None:
    health, stop = worker.health, worker.stop
    pause = FIRST_PAUSE
    while not stop.is_set():
        try:
            async with _consuming(worker) as intake:
                while not (stop.is_set() or intake.broken):
                    health.heart.beat()
                    intake.distrust()
                    over = await _session_to_its_end(worker, intake)
                    pause = _pause_after(worker, pause)
                    health.publisher = False
                    await asyncio.gather(_wait(stop, pause), diagnose.explain(worker.settings, over, worker.reminders))
        except* TopicsUnfitError:
            health.heart.beat()
            await asyncio.gather(_wait(stop, LONGEST_PAUSE), database.look(worker.settings, health))
        except* kafka.TROUBLE as troubles:
            health.heart.beat()
            worker.reminders.warning("kafka_out_of_reach", why=names(troubles))
            await asyncio.gather(
                _wait(stop, LONGEST_PAUSE),
                diagnose.explain(worker.settings, troubles, worker.reminders),
                database.look(worker.settings, health),
            )
        health.group = False


async def _session_to_its_end(worker: _Worker, intake: Intake) -> BaseExceptionGroup[BaseException] | None:
    """Work until told to stop, or until there is trouble, which is returned. A fault of this program is raised."""
    over: BaseExceptionGroup[BaseException] | None = None
    worker.progressed = False
    began = time.monotonic()
    try:
        await _session(worker, intake)
    except* TROUBLE as troubles:
        if any(map(postgres.is_misuse, leaves(troubles))):
            raise
        over = troubles
        worker.tally.session_over(troubles)
        worker.reminders.warning("session_over", why=names(troubles))
    worker.progressed |= time.monotonic() - began > STEADY_SECONDS
    return over


def _pause_after(worker: _Worker, pause: float) -> float:
    """Seconds until the next session, given the pause before the last: longer while none gets anything done.

    Opening a session is dear to both servers, so one that opens and still gets nothing done waits longest.
    """
    if worker.progressed:
        return FIRST_PAUSE
    return min(pause * 2, REFUSED_PAUSE if worker.health.publisher else LONGEST_PAUSE)


@asynccontextmanager
async def _consuming(worker: _Worker) -> AsyncIterator[Intake]:
    """A member of the consumer group; it outlives sessions, so that an outage of Postgres is no rebalance.

    It looks at the topics before it subscribes: a member of missing topics has no partitions, and learns late of them.
    """
    await worker.topics.admit()
    settings = worker.settings
    inputs = settings.topics.inputs
    consumer = Consumer(settings.kafka, inputs, {name: settings.topics.dead_letters(name) for name in inputs})
    intake = Intake(consumer, settings.kafka.group_id, settings.intake.max_batch)
    try:
        await intake.start()
        async with _beside(
            watch_lag(intake, worker.tally.metrics, LAG_SECONDS),
            watch_open(intake, worker.reminders, LAG_SECONDS),
            watch_kafka(settings, intake, worker.health, worker.reminders, seconds=KAFKA_SECONDS),
            worker.topics.follow(LOGS_SECONDS),
        ):
            yield intake
    finally:
        await consumer.stop()


async def _session(worker: _Worker, intake: Intake) -> None:
    settings, health, tally = worker.settings, worker.health, worker.tally
    group, topic, seconds = settings.kafka.group_id, settings.topics.lead_assigned, settings.slot.lease_seconds
    async with database.opened(settings, health) as (connection, pool):
        health.heart.beat()
        if not worker.admitted:  # the database may have been away when the worker began
            await statements.require(connection)
            worker.admitted = True
        await sequences.refuse_behind(connection)
        logs = await worker.topics.admit()
        health.heart.beat()
        # Before anything is published: in another cluster it would be out in the wrong place.
        positions.refuse_others(await positions.read(connection, group), logs, group)
        book = CachedBook(tally.book_seen)
        await book.refresh(connection)
        health.plans = True
        slot = await slots.lease(connection, group, worker.name, seconds)
        reach("after_lease")
        health.heart.beat()
        tally.session_begun()
        async with (
            slots.kept(pool, slot),
            publisher(settings.kafka, pool, slot, topic, tally, limits=worker.limits, tracing=worker.tracing) as opened,
        ):
            health.publisher = True
            log.info("session", slot=slot.number, epoch=slot.epoch)
            _tell_shortened(worker, opened)
            ledger = Ledger(connection, slot, group, topic, limits=worker.limits, tracing=worker.tracing)
            pipeline = Pipeline(
                settings=settings,
                intake=intake,
                pool=pool,
                book=book,
                ledger=ledger,
                slot=slot,
                publisher=opened,
                brake=worker.brake,
                health=health,
                tally=tally,
                tracing=worker.tracing,
            )
            try:
                await _run_beside_its_watches(worker, intake, pool, book, pipeline)
            finally:
                worker.progressed = bool(pipeline.positions) or opened.published > 0


async def _run_beside_its_watches(
    worker: _Worker, intake: Intake, pool: postgres.Pool, book: CachedBook, pipeline: Pipeline
) -> None:
    settings, tally, limits, reminders = worker.settings, worker.tally, worker.limits, worker.reminders
    health, group = worker.health, settings.kafka.group_id
    async with _beside(
        follow_plans(settings, book, health.saw_database, pipeline.wake, reminders),
        takeover.publish_abandoned(
            settings,
            pool,
            worker.name,
            tally,
            watched=worker.watched.slots,
            limits=limits,
            reminders=reminders,
            tracing=worker.tracing,
        ),
        takeover.end_silent_sessions(pool, worker.watched.sessions),
        report_positions(pipeline, intake, REPORT_SECONDS),
        watch_logs(intake, LOGS_SECONDS),
        watch_group(settings, pool, intake, tally.metrics, attendance=worker.watched.attendance, seconds=GROUP_SECONDS),
        watch_tables(pool, tally, group, TABLES_SECONDS, worker.watched.outbox),
        watch_held(pool, group, TABLES_SECONDS, health=health, tally=tally, limits=limits, reminders=reminders),
    ):
        await pipeline.run(worker.stop)


def _tell_shortened(worker: _Worker, opened: Publisher) -> None:
    wanted = TRANSACTION_SECONDS[0]
    if opened.transaction_seconds < wanted:
        why = f"the brokers' transaction.max.timeout.ms is below {wanted * 1000}"
        worker.reminders.warning("transactions_shortened", seconds=opened.transaction_seconds, wanted=wanted, why=why)


@asynccontextmanager
async def _beside(*endless: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """These run for the length of the block. Errors, of the block too, come as an exception group."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(each) for each in endless]
        yield
        for task in running:
            task.cancel()


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
