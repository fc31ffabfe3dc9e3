"""Builds a worker out of its parts, and builds it again when something around it fails.

There is one way to recover from anything unknown, be it a lost answer of Postgres or of Kafka: end the session and
begin another. A new session leases a slot, publishes what is left in it, reads the positions, and goes on.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import structlog

from worker import access, kafka, positions, postgres, slots, sweep
from worker.book import CachedBook, follow_plans
from worker.brake import Brake
from worker.failpoint import reach
from worker.health import Health, served
from worker.intake import Intake
from worker.kafka.consumer import Consumer
from worker.ledger import Ledger
from worker.pipeline import Pipeline, report_positions
from worker.publish import publisher
from worker.settings import Settings
from worker.tally import Tally
from worker.topics.watch import TopicsUnfitError, TopicWatch, watch_logs
from worker.tracing import OFF, Tracing
from worker.troubles import names
from worker.watch import watch_kafka, watch_lag, watch_tables

TROUBLE = (*sweep.TROUBLE, TopicsUnfitError)

FIRST_PAUSE = 0.2  # seconds between a failed session and the next; doubles up to the longest
LONGEST_PAUSE = 3.0
REPORT_SECONDS = 1.0
LOGS_SECONDS = 10.0  # between looks whether a topic was made anew, has grown, or does not fit any more
KAFKA_SECONDS = 5.0  # between looks whether Kafka answers; each may take ten more
LAG_SECONDS = 1.0
TABLES_SECONDS = 5.0  # between looks at the outbox and the shares, for the metrics
STOP_GRACE = 12.0  # and then some seconds for each client: the process is gone within 30 s of SIGTERM

log = structlog.get_logger()


async def run(settings: Settings, stop: asyncio.Event, tracing: Tracing = OFF) -> None:
    """Work until ``stop``. Waits out Kafka and Postgres being away.

    Raises PositionsUnfitError or PositionAheadError where going on would lose or repeat records, and
    PortUnusableError where the probes can't be answered.
    """
    health, tally = Health(), Tally(settings)
    async with served(health, tally.metrics, settings.ops):
        working = asyncio.create_task(_work(settings, stop, health, tally, tracing))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await asyncio.wait({working}, timeout=STOP_GRACE)
        if not working.done():
            log.warning("stopped_midway", note="what is committed and not yet published, another worker publishes")
            working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def _work(settings: Settings, stop: asyncio.Event, health: Health, tally: Tally, tracing: Tracing) -> None:
    brake = Brake(settings.brake.consecutive, settings.brake.ratio, settings.brake.window)
    watch = TopicWatch(settings, health, tally.metrics)
    pause = FIRST_PAUSE
    while not stop.is_set():
        try:
            async with _consuming(settings, watch, health, tally) as intake:
                while not (stop.is_set() or intake.broken):
                    health.heart.beat()
                    intake.distrust()
                    over: BaseExceptionGroup[BaseException] | None = None
                    try:
                        await _session(settings, intake, brake, health, tally, watch=watch, tracing=tracing, stop=stop)
                    except* TROUBLE as troubles:
                        over = troubles
                        tally.session_over(troubles)
                        log.warning("session_over", why=names(troubles))
                    pause = FIRST_PAUSE if health.publisher else min(pause * 2, LONGEST_PAUSE)
                    health.publisher = False
                    await asyncio.gather(_wait(stop, pause), access.explain(settings, over))
        except* TopicsUnfitError:
            health.heart.beat()
            await asyncio.gather(_wait(stop, LONGEST_PAUSE), _look_at_database(settings, health))
        except* kafka.TROUBLE as troubles:
            health.heart.beat()
            log.warning("kafka_out_of_reach", why=names(troubles))
            await asyncio.gather(
                _wait(stop, LONGEST_PAUSE), access.explain(settings, troubles), _look_at_database(settings, health)
            )
        health.group = False


@asynccontextmanager
async def _consuming(settings: Settings, watch: TopicWatch, health: Health, tally: Tally) -> AsyncIterator[Intake]:
    """A member of the consumer group; it outlives sessions, so that an outage of Postgres is no rebalance.

    It looks at the topics before it subscribes: a member of missing topics has no partitions, and learns late of them.
    """
    await watch.admit()
    inputs = settings.topics.inputs
    consumer = Consumer(settings.kafka, inputs, {name: settings.topics.dead_letters(name) for name in inputs})
    intake = Intake(consumer, settings.kafka.group_id, settings.intake.max_batch)
    try:
        await intake.start()
        async with _beside(
            watch_lag(intake, tally.metrics, LAG_SECONDS),
            watch_kafka(intake, health, KAFKA_SECONDS),
            watch.follow(LOGS_SECONDS),
        ):
            yield intake
    finally:
        await consumer.stop()


async def _session(
    settings: Settings,
    intake: Intake,
    brake: Brake,
    health: Health,
    tally: Tally,
    *,
    watch: TopicWatch,
    tracing: Tracing,
    stop: asyncio.Event,
) -> None:
    group, topic, seconds = settings.kafka.group_id, settings.topics.lead_assigned, settings.slot.lease_seconds
    owner = f"{socket.gethostname()}:{os.getpid()}"
    async with _database(settings, health) as (connection, pool):
        health.heart.beat()
        logs = await watch.admit()
        health.heart.beat()
        # Before anything is published: in another cluster it would be out in the wrong place.
        positions.refuse_others(await positions.read(connection, group), logs, group)
        book = CachedBook(tally.book_seen)
        await book.refresh(connection)
        health.plans = True
        slot = await slots.lease(connection, group, owner, seconds)
        reach("after_lease")
        health.heart.beat()
        tally.session_begun()
        log.info("session", slot=slot.number, epoch=slot.epoch)
        async with (
            slots.kept(pool, slot),
            publisher(settings.kafka, pool, slot, topic, tally, tracing=tracing) as opened,
        ):
            health.publisher = True
            ledger = Ledger(connection, slot, group, topic, tracing)
            pipeline = Pipeline(
                settings=settings,
                intake=intake,
                pool=pool,
                book=book,
                ledger=ledger,
                slot=slot,
                publisher=opened,
                brake=brake,
                health=health,
                tally=tally,
                tracing=tracing,
            )
            async with _beside(
                follow_plans(settings.dsn, book, settings.plans.refresh_seconds, health.saw_database, pipeline.wake),
                sweep.publish_abandoned(settings, pool, owner, tally, tracing),
                sweep.end_silent_copies(pool),
                report_positions(pipeline, intake, REPORT_SECONDS),
                watch_logs(intake, LOGS_SECONDS),
                watch_tables(pool, tally, group, TABLES_SECONDS),
            ):
                await pipeline.run(stop)


@asynccontextmanager
async def _database(settings: Settings, health: Health) -> AsyncIterator[tuple[postgres.Connection, postgres.Pool]]:
    """The connection that batches are written over, and others for what is beside them.

    Opened before Kafka is asked anything: so the checks that hang on Postgres tell of Postgres, whichever is away.
    """
    async with AsyncExitStack() as opened:
        try:
            connection = await opened.enter_async_context(
                postgres.connected(settings.dsn, application_name="salesplan-batches", settings=postgres.BATCH_SETTINGS)
            )
            pool = await opened.enter_async_context(postgres.pool(settings.dsn, application_name="salesplan", size=5))
        except BaseException:
            health.database = health.plans = False
            raise
        health.database = True
        yield connection, pool


async def _look_at_database(settings: Settings, health: Health) -> None:
    """While Kafka lets no session begin, nobody else does."""
    with suppress(*postgres.TROUBLE):
        async with _database(settings, health):
            pass


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
