"""A session: the parts of a working worker, from the leased slot to the pipeline. It runs until something fails."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import structlog

from worker import postgres
from worker.cluster import diagnose
from worker.cluster.attendance import Attendance
from worker.concurrency import beside
from worker.failpoint import reach
from worker.intake import positions
from worker.intake.brake import Brake
from worker.intake.poll import Intake
from worker.kafka.consumer import Consumer
from worker.kafka.limits import Limits
from worker.kafka.throttle import TRANSACTION_SECONDS, Throttle
from worker.ledger.silent_copies import end_silent_sessions
from worker.ledger.transaction import Ledger
from worker.log.reminders import Reminders
from worker.outbox import slots
from worker.outbox.announcements import Announcements
from worker.plans.book import CachedBook, follow_plans
from worker.postgres import sequences, statements
from worker.publish import takeover
from worker.publish.publisher import Publisher, open_publisher
from worker.run import database
from worker.run.health import Health
from worker.run.pipeline import Pipeline, report_positions
from worker.run.reachable import watch_kafka
from worker.run.tally import Tally
from worker.run.topics import TopicWatch, watch_logs
from worker.run.watch import TABLES_SECONDS, watch_group, watch_held, watch_lag, watch_open, watch_tables
from worker.settings import Settings
from worker.stillness import Stillness
from worker.tracing.off import Tracing

REPORT_SECONDS = 1.0
LOGS_SECONDS = 10.0  # between looks whether a topic was made anew, has grown, or does not fit any more
KAFKA_SECONDS = 5.0  # between looks whether Kafka answers; each may take ten more
LAG_SECONDS = 1.0
GROUP_SECONDS = 10.0  # between looks at the whole group; somebody else in it is noticed within a minute

log = structlog.get_logger()


@dataclass(frozen=True)
class Watched:
    """What the worker watches of the group, by its own clock."""

    attendance: Attendance
    slots: Stillness[int] = field(default_factory=lambda: Stillness(2 * takeover.LOOK_SECONDS))
    sessions: Stillness[int] = field(default_factory=lambda: Stillness(2 * takeover.LOOK_SECONDS))
    outbox: Stillness[int] = field(default_factory=lambda: Stillness(2 * TABLES_SECONDS))


@dataclass(slots=True)
class Worker:
    """What outlives a session."""

    settings: Settings
    stop: asyncio.Event
    tracing: Tracing
    health: Health
    tally: Tally
    brake: Brake
    topics: TopicWatch
    watched: Watched
    limits: Limits
    reminders: Reminders
    admitted: bool = False  # the database is migrated as far as this release needs
    # Of the session that is under way, or was last:
    opened: bool = False  # it has a slot and a publisher
    progressed: bool = False  # it got something done, or lasted

    @classmethod
    def of(cls, settings: Settings, stop: asyncio.Event, tracing: Tracing) -> Worker:
        """One that has not begun to work."""
        brake = Brake(settings.brake.consecutive, settings.brake.ratio, settings.brake.window)
        health, tally, reminders = Health(), Tally(settings), Reminders()
        limits = Limits(throttle=Throttle(reminders, health.heart.held_up))
        watch = TopicWatch(settings, health, tally.metrics, limits=limits, reminders=reminders)
        watched = Watched(Attendance(settings.topics.inputs))
        return cls(settings, stop, tracing, health, tally, brake, watch, watched, limits, reminders)

    @property
    def name(self) -> str:
        """As operators see it in the table of slots."""
        return f"{socket.gethostname()}:{os.getpid()}"


@asynccontextmanager
async def consuming(worker: Worker) -> AsyncIterator[Intake]:
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
        async with beside(
            watch_lag(intake, worker.tally.metrics, LAG_SECONDS),
            watch_open(intake, worker.reminders, LAG_SECONDS),
            watch_kafka(settings, intake, worker.health, worker.reminders, seconds=KAFKA_SECONDS),
            worker.topics.follow(LOGS_SECONDS),
        ):
            yield intake
    finally:
        await consumer.stop()


async def session(worker: Worker, intake: Intake) -> None:
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
        positions.refuse_other_logs(await positions.read(connection, group), logs, group)
        book = CachedBook(tally.book_seen)
        await book.refresh(connection)
        health.plans = True
        slot = await slots.lease(connection, group, worker.name, seconds)
        reach("after_lease")
        health.heart.beat()
        tally.session_begun()
        async with (
            slots.renewed(pool, slot),
            open_publisher(
                settings.kafka, pool, slot, topic, tally.published, limits=worker.limits, tracing=worker.tracing
            ) as opened,
        ):
            worker.opened = health.publisher = True
            log.info("session", slot=slot.number, epoch=slot.epoch)
            _tell_shortened(worker, opened)
            announcements = Announcements(topic, own_spans=worker.tracing.is_on)
            ledger = Ledger(connection, slot, group, announcements, worker.limits)
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
    worker: Worker, intake: Intake, pool: postgres.Pool, book: CachedBook, pipeline: Pipeline
) -> None:
    settings, tally, limits, reminders = worker.settings, worker.tally, worker.limits, worker.reminders
    health, group = worker.health, settings.kafka.group_id
    async with beside(
        follow_plans(settings, book, partial(_plans_seen, worker), pipeline.wake),
        takeover.publish_abandoned(
            settings,
            pool,
            worker.name,
            tally.published,
            stillness=worker.watched.slots,
            limits=limits,
            reminders=reminders,
            tracing=worker.tracing,
        ),
        end_silent_sessions(pool, worker.watched.sessions),
        report_positions(pipeline, intake, REPORT_SECONDS),
        watch_logs(intake, LOGS_SECONDS),
        watch_group(settings, pool, intake, tally.metrics, attendance=worker.watched.attendance, seconds=GROUP_SECONDS),
        watch_tables(pool, tally, group, TABLES_SECONDS, worker.watched.outbox),
        watch_held(pool, group, TABLES_SECONDS, health=health, tally=tally, limits=limits, reminders=reminders),
    ):
        await pipeline.run(worker.stop)


def _plans_seen(worker: Worker, error: BaseException | None) -> None:
    """The look at the plan book has succeeded, or has met this error."""
    worker.health.database = error is None
    if error:
        worker.reminders.warning("plans_out_of_reach", error=type(error).__name__)
        diagnose.tell(error, worker.reminders)


def _tell_shortened(worker: Worker, opened: Publisher) -> None:
    wanted = TRANSACTION_SECONDS
    if opened.transaction_seconds < wanted:
        why = f"the brokers' transaction.max.timeout.ms is below {wanted * 1000}"
        worker.reminders.warning("transactions_shortened", seconds=opened.transaction_seconds, wanted=wanted, why=why)
