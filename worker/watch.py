"""What is looked at beside the pipeline, at intervals: it costs no batch anything."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from db import query
from worker import metrics, postgres
from worker.health import Health
from worker.intake import Intake
from worker.kafka.limits import Limits, raise_limit
from worker.metrics import UNKNOWN, Metrics
from worker.reminders import Reminders
from worker.tally import Tally

OUTBOX_BACKLOG = query("outbox_backlog")
PLAN_SPREADS = query("plan_spreads")
HELD_MESSAGES = query("held_messages")


async def watch_kafka(intake: Intake, health: Health, reminders: Reminders, seconds: float) -> None:
    """For ever: whether Kafka answers, also while there is nothing to do and no session."""
    while True:
        await intake.ask()
        health.group = intake.joined
        if not intake.answers:
            reminders.warning("kafka_out_of_reach")
        await asyncio.sleep(seconds)


async def watch_lag(intake: Intake, made: Metrics, seconds: float) -> None:
    """For ever: how far this worker's partitions are behind, as far as Kafka tells. Goes on while Postgres is away."""
    lag, oldest = made.of(metrics.LAG), made.of(metrics.OLDEST_UNPROCESSED)
    try:
        while True:
            now = time.time()
            behind = await intake.behind(now) if intake.answers else {}
            lag.clear()  # of partitions that are another's by now, nothing is known
            for (topic, partition), (records, _) in behind.items():
                lag.labels(topic, partition).set(records)
            since = min((since for _, since in behind.values() if since is not None), default=now)
            oldest.set(max(now - since, 0.0) if intake.answers else UNKNOWN)
            await asyncio.sleep(seconds)
    finally:
        lag.clear()
        oldest.set(UNKNOWN)


async def watch_tables(pool: postgres.Pool, tally: Tally, group_id: str, seconds: float) -> None:
    """For ever: the outbox, and how even the shares are. Where the database is away, others notice."""
    made = tally.metrics
    try:
        while True:
            with suppress(*postgres.TROUBLE):
                async with postgres.borrowed(pool) as connection:
                    await _look(connection, tally, group_id)
            await asyncio.sleep(seconds)
    finally:
        # From here on nobody looks, and what is known grows old.
        made.of(metrics.OUTBOX_PENDING).set(UNKNOWN)
        made.of(metrics.OUTBOX_OLDEST_AGE).set(UNKNOWN)
        made.of(metrics.PLAN_SPREAD).clear()


async def watch_held(
    pool: postgres.Pool,
    group_id: str,
    seconds: float,
    *,
    health: Health,
    tally: Tally,
    limits: Limits,
    reminders: Reminders,
) -> None:
    """For ever: which topics hold messages back, and what mends it. Where the database is away, others notice."""
    made = tally.metrics.of(metrics.MESSAGES_HELD)
    while True:
        with suppress(*postgres.TROUBLE):
            async with postgres.borrowed(pool) as connection:
                held = await connection.fetch(HELD_MESSAGES, group_id)
            health.output = not held
            made.clear()
            for topic, messages, size in held:
                made.labels(topic).set(messages)
                limit = limits.of(topic).bytes
                todo = raise_limit(topic, size)
                reminders.error("messages_held", topic=topic, messages=messages, bytes=size, limit=limit, todo=todo)
        await asyncio.sleep(seconds)


async def _look(connection: postgres.Connection, tally: Tally, group_id: str) -> None:
    of = tally.metrics.of
    backlog = await connection.fetchrow(OUTBOX_BACKLOG, group_id)
    spreads = await connection.fetch(PLAN_SPREADS, list(tally.named))
    assert backlog is not None  # noqa: S101 -- an aggregate has always one row
    of(metrics.OUTBOX_PENDING).set(backlog["pending"])
    of(metrics.OUTBOX_OLDEST_AGE).set(backlog["oldest_seconds"])
    largest = of(metrics.PLAN_SPREAD)
    largest.clear()
    for plan_id, spread in spreads:
        largest.labels(plan_id).set(spread)
