"""Runs a session: opens the parts of a worker, from the leased slot to the pipeline, and works until one fails."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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
from worker.ledger.silent_sessions import end_silent_sessions
from worker.ledger.transaction import Ledger
from worker.log.reminders import Reminders
from worker.outbox import slots
from worker.outbox.announcements import Announcements
from worker.outbox.slots import Slot
from worker.plans.book import CachedBook, follow_plans
from worker.postgres import sequences, statements
from worker.publish import takeover
from worker.publish.publisher import Publisher, open_publisher
from worker.run import database
from worker.run.gauges import TABLES_SECONDS, watch_group, watch_held, watch_lag, watch_open, watch_tables
from worker.run.health import Health
from worker.run.kafka_watch import watch_kafka
from worker.run.measurements import Measurements
from worker.run.pipeline import Pipeline, report_positions
from worker.run.topic_watch import TopicWatch, watch_logs
from worker.settings import Settings
from worker.stillness import Stillness
from worker.tracing.off import Tracing

REPORT_SECONDS = 1.0
LOGS_SECONDS = 10.0  # seconds between checks that no topic is new, has grown, or does not fit
KAFKA_SECONDS = 5.0  # seconds between checks that Kafka answers; each may take ten more
LAG_SECONDS = 1.0
GROUP_SECONDS = 10.0  # seconds between looks at the whole group; a foreign member is noticed within a minute

log = structlog.get_logger()


@dataclass(frozen=True)
class Observations:
    """Observations of the group, each timed by this worker's own clock."""

    attendance: Attendance
    slots: Stillness[int] = field(default_factory=lambda: Stillness(2 * takeover.LOOK_SECONDS))
    sessions: Stillness[int] = field(default_factory=lambda: Stillness(2 * takeover.LOOK_SECONDS))
    outbox: Stillness[int] = field(default_factory=lambda: Stillness(2 * TABLES_SECONDS))


@dataclass(slots=True)
class Worker:
    """The parts of a worker that outlive a session."""

    settings: Settings
    stop: asyncio.Event
    tracing: Tracing
    health: Health
    measurements: Measurements
    brake: Brake
    topics: TopicWatch
    observations: Observations
    limits: Limits
    reminders: Reminders
    admitted: bool = False  # the database is migrated as far as this release needs
    # Of the present session, or of the last one:
    opened: bool = False  # it has a slot and a publisher
    progressed: bool = False  # it did something, or lasted

    @classmethod
    def of(cls, settings: Settings, stop: asyncio.Event, tracing: Tracing) -> Worker:
        """Build a worker that has not begun to work."""
        brake = Brake(settings.brake.consecutive, settings.brake.ratio, settings.brake.window)
        health, measurements, reminders = Health(), Measurements(settings), Reminders()
        limits = Limits(throttle=Throttle(reminders, health.heart.held_up))
        watch = TopicWatch(settings, health, measurements.metrics, limits=limits, reminders=reminders)
        observations = Observations(Attendance(settings.topics.inputs))
        return cls(settings, stop, tracing, health, measurements, brake, watch, observations, limits, reminders)

    @property
    def name(self) -> str:
        """The worker's name in the table of slots, for operators."""
        return f"{socket.gethostname()}:{os.getpid()}"


@asynccontextmanager
async def consuming(worker: Worker) -> AsyncIterator[Intake]:
    """A member of the consumer group. It outlives sessions, so that an outage of Postgres causes no rebalance.

    It checks the topics before it subscribes. A member that subscribes to missing topics gets no partitions, and learns
    late when the topics exist.
    """
    await worker.topics.admit()
    settings = worker.settings
    inputs = settings.topics.inputs
    consumer = Consumer(settings.kafka, inputs, {name: settings.topics.dead_letters(name) for name in inputs})
    intake = Intake(consumer, settings.kafka.group_id, settings.intake.max_batch)
    try:
        await intake.start()
        async with beside(
            watch_lag(intake, worker.measurements.metrics, LAG_SECONDS),
            watch_open(intake, worker.reminders, LAG_SECONDS),
            watch_kafka(settings, intake, worker.health, worker.reminders, seconds=KAFKA_SECONDS),
            worker.topics.follow(LOGS_SECONDS),
        ):
            yield intake
    finally:
        await consumer.stop()


async def session(worker: Worker, intake: Intake) -> None:
    settings, health, measurements = worker.settings, worker.health, worker.measurements
    group, topic, seconds = settings.kafka.group_id, settings.topics.lead_assigned, settings.slot.lease_seconds
    async with database.open_connections(settings, health) as (connection, pool):
        health.heart.beat()
        if not worker.admitted:  # the database may have been away at the worker's start
            await statements.require(connection)
            worker.admitted = True
        await sequences.refuse_behind(connection)
        logs = await worker.topics.admit()
        health.heart.beat()
        # This check comes before anything is published: in another cluster, messages would go to the wrong place.
        positions.refuse_other_logs(await positions.read(connection, group), logs, group)
        book = CachedBook(measurements.record_book)
        await book.refresh(connection)
        health.plans = True
        slot = await slots.lease(connection, group, worker.name, seconds)
        reach("after_lease")
        health.heart.beat()
        measurements.record_session()
        async with slots.renewed(pool, slot), _open_publisher(worker, pool, slot) as slot_publisher:
            worker.opened = health.publisher = True
            log.info("session", slot=slot.number, epoch=slot.epoch)
            _report_shortened(worker, slot_publisher)
            announcements = Announcements(topic, own_spans=worker.tracing.is_on)
            ledger = Ledger(connection, slot, group, announcements, worker.limits)
            pipeline = Pipeline(
                settings=settings,
                intake=intake,
                pool=pool,
                book=book,
                ledger=ledger,
                slot=slot,
                publisher=slot_publisher,
                brake=worker.brake,
                health=health,
                measurements=measurements,
                tracing=worker.tracing,
            )
            try:
                await _run_beside_its_watches(worker, intake, pool, book, pipeline)
            finally:
                worker.progressed = bool(pipeline.positions) or slot_publisher.published > 0


def _open_publisher(worker: Worker, pool: postgres.Pool, slot: Slot) -> AbstractAsyncContextManager[Publisher]:
    settings, count = worker.settings, worker.measurements.record_messages
    topic, limits = settings.topics.lead_assigned, worker.limits
    return open_publisher(settings.kafka, pool, slot, topic, count, limits=limits, tracing=worker.tracing)


async def _run_beside_its_watches(
    worker: Worker, intake: Intake, pool: postgres.Pool, book: CachedBook, pipeline: Pipeline
) -> None:
    settings, measurements, limits, reminders = worker.settings, worker.measurements, worker.limits, worker.reminders
    health, group = worker.health, settings.kafka.group_id
    async with beside(
        follow_plans(settings, book, partial(_note_plans, worker), pipeline.wake),
        takeover.publish_abandoned(
            settings,
            pool,
            worker.name,
            measurements.record_messages,
            stillness=worker.observations.slots,
            limits=limits,
            reminders=reminders,
            tracing=worker.tracing,
        ),
        end_silent_sessions(pool, worker.observations.sessions),
        report_positions(pipeline, intake, REPORT_SECONDS),
        watch_logs(intake, LOGS_SECONDS),
        watch_group(
            settings,
            pool,
            intake,
            measurements.metrics,
            attendance=worker.observations.attendance,
            seconds=GROUP_SECONDS,
        ),
        watch_tables(pool, measurements, group, TABLES_SECONDS, worker.observations.outbox),
        watch_held(
            pool, group, TABLES_SECONDS, health=health, measurements=measurements, limits=limits, reminders=reminders
        ),
    ):
        await pipeline.run(worker.stop)


def _note_plans(worker: Worker, error: BaseException | None) -> None:
    """Note that reading the plan book has succeeded, or has met this error."""
    worker.health.database = error is None
    if error:
        worker.reminders.warning("plans_out_of_reach", error=type(error).__name__)
        diagnose.report(error, worker.reminders)


def _report_shortened(worker: Worker, publisher: Publisher) -> None:
    wanted = TRANSACTION_SECONDS
    if publisher.transaction_seconds < wanted:
        why = f"the brokers' transaction.max.timeout.ms is below {wanted * 1000}"
        worker.reminders.warning(
            "transactions_shortened", seconds=publisher.transaction_seconds, wanted=wanted, why=why
        )
