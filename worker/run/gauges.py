"""Sets gauges and logs warnings at intervals, beside the pipeline: this costs no batch any time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from db import query
from worker import metrics, postgres
from worker.cluster.attendance import Attendance, Span, UnattendedPartition
from worker.failures import waited_out
from worker.intake import positions
from worker.intake.poll import Intake
from worker.kafka.limits import Limits, raise_limit
from worker.kafka.reader import with_records
from worker.log.reminders import Reminders
from worker.metrics import UNKNOWN, Metrics
from worker.records.record import Partition
from worker.run.health import Health
from worker.run.measurements import Measurements
from worker.settings import Settings
from worker.stillness import Stillness

TABLES_SECONDS = 5.0  # seconds between looks at the outbox and the shares, for the metrics

# seconds for which a sender's transaction may be open before the worker logs it: most end in milliseconds
OPEN_SECONDS = 30.0

HANGING = (
    "a sender has left a transaction open; if it does not come back to end it, "
    "`kafka-transactions.sh find-hanging --topic {topic} --partition {partition}` finds it, "
    "`kafka-transactions.sh abort` with that output ends it"
)

OUTBOX_BACKLOG = query("watch/outbox_backlog")
PLAN_SPREADS = query("watch/plan_spreads")
HELD_MESSAGES = query("watch/held_messages")


async def watch_lag(intake: Intake, made: Metrics, seconds: float) -> None:
    """Set the lag of this worker's partitions at intervals, until cancelled. This goes on while Postgres is away."""
    lag, oldest = made.of(metrics.LAG), made.of(metrics.OLDEST_UNPROCESSED)
    try:
        while True:
            behind = await intake.lag() if intake.answers else {}
            lag.clear()  # other workers' partitions have no value here
            for (topic, partition), (records, _) in behind.items():
                lag.labels(topic, partition).set(records)
            oldest.set(max((age or 0.0 for _, age in behind.values()), default=0.0) if intake.answers else UNKNOWN)
            await asyncio.sleep(seconds)
    finally:
        lag.clear()
        oldest.set(UNKNOWN)


async def watch_open(intake: Intake, reminders: Reminders, seconds: float) -> None:
    """Log partitions in which a sender's open transaction stops all readers. Runs until cancelled."""
    stillness: Stillness[Partition] = Stillness(2 * seconds)
    while True:
        since = intake.consumer.open_since() if intake.answers else {}
        for (topic, number), still in stillness.look(since).items():
            if still >= OPEN_SECONDS:
                offset = since[topic, number]
                todo = HANGING.format(topic=topic, partition=number)
                reminders.warning("held_by_transaction", topic=topic, partition=number, offset=offset, todo=todo)
        await asyncio.sleep(seconds)


async def watch_group(
    settings: Settings, pool: postgres.Pool, intake: Intake, made: Metrics, *, attendance: Attendance, seconds: float
) -> None:
    """At intervals, set the lag of the whole group, and report partitions that nobody reads. Runs until cancelled."""
    try:
        while True:
            await asyncio.sleep(seconds)
            lag: dict[str, int] = {}
            # empty while no look succeeds; other tasks report a server that is away
            found: list[UnattendedPartition] = []
            with waited_out():
                unread = await _unread(pool, intake, settings.kafka.group_id)
                group = await intake.consumer.group()
                found = await attendance.look(unread, group, partial(with_records, settings.kafka))
                lag = attendance.lag(unread)
                attendance.report(found)
            _show(made, lag, found)
    finally:
        _show(made, {}, [])


def _show(made: Metrics, lag: Mapping[str, int], found: Iterable[UnattendedPartition]) -> None:
    behind, unattended = made.of(metrics.GROUP_LAG), made.of(metrics.UNATTENDED)
    behind.clear()
    for topic, records in lag.items():
        behind.labels(topic).set(records)
    unattended.clear()
    for (topic, number), _, _, seconds in found:
        unattended.labels(topic, number).set(seconds)


async def _unread(pool: postgres.Pool, intake: Intake, group_id: str) -> dict[Partition, Span]:
    """Find the unread spans of the group's partitions.

    A partition without records to read is left out, if this worker holds it.
    """
    ends = await intake.consumer.ends()
    async with postgres.borrowed(pool) as connection:
        following = {at: kept.next_offset for at, kept in (await positions.read(connection, group_id)).items()}
    if never := ends.keys() - following.keys():
        following |= await intake.consumer.earliest(never)
    read = {at for at, (records, _) in (await intake.lag()).items() if not records}
    return {at: Span(following[at], end) for at, end in ends.items() if end > following[at] and at not in read}


async def watch_tables(
    pool: postgres.Pool, measurements: Measurements, group_id: str, seconds: float, stillness: Stillness[int]
) -> None:
    """At intervals, set the gauges of the outbox and of the plans' shares. Runs until cancelled.

    Other tasks report an absent database.
    """
    made = measurements.metrics
    try:
        while True:
            with waited_out():
                async with postgres.borrowed(pool) as connection:
                    await _read_tables(connection, measurements, group_id, stillness)
            await asyncio.sleep(seconds)
    finally:
        # Values that this task no longer updates would mislead.
        made.of(metrics.OUTBOX_PENDING).set(UNKNOWN)
        made.of(metrics.OUTBOX_OLDEST_AGE).set(UNKNOWN)
        made.of(metrics.PLAN_SPREAD).clear()


async def watch_held(
    pool: postgres.Pool,
    group_id: str,
    seconds: float,
    *,
    health: Health,
    measurements: Measurements,
    limits: Limits,
    reminders: Reminders,
) -> None:
    """At intervals, report the topics with held messages, and the remedy. Runs until cancelled.

    Other tasks report an absent database.
    """
    made = measurements.metrics.of(metrics.MESSAGES_HELD)
    while True:
        with waited_out():
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


async def _read_tables(
    connection: postgres.Connection, measurements: Measurements, group_id: str, stillness: Stillness[int]
) -> None:
    of = measurements.metrics.of
    backlog = await connection.fetch(OUTBOX_BACKLOG, group_id)
    spreads = await connection.fetch(PLAN_SPREADS, list(measurements.plans_with_series))
    of(metrics.OUTBOX_PENDING).set(sum(slot["pending"] for slot in backlog))
    of(metrics.OUTBOX_OLDEST_AGE).set(oldest_age(backlog, stillness))
    largest = of(metrics.PLAN_SPREAD)
    largest.clear()
    for plan_id, spread in spreads:
        largest.labels(plan_id).set(spread)


def oldest_age(backlog: Sequence[postgres.Row], stillness: Stillness[int]) -> float:
    """Seconds since the oldest unpublished batch was written; 0 if there is none.

    They count by the database's clock, and at least as long as this worker has seen the batch: somebody may have set
    that clock back.
    """
    still = stillness.look({slot["number"]: slot["oldest"] for slot in backlog})
    return max((max(slot["seconds"], still[slot["number"]]) for slot in backlog), default=0.0)
