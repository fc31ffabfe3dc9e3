"""Reads tables and topics in a fixed order. Only this order makes the results right while workers run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from db import query
from worker import postgres
from worker.kafka.open_transactions import wait_for_open_transactions
from worker.kafka.reader import bounds
from worker.records.record import DEAD_LETTER_PREFIX, Partition
from worker.settings import Settings
from worker.verify import checks, load
from worker.verify.inputs import load_inputs
from worker.verify.notes import notes
from worker.verify.recompute import recompute
from worker.verify.report import Report, Violation

TABLES = query("verify/tables")
READ_TOPICS = query("verify/topics")
# Each statement fills a table from the tables before it. `analyze` tells the planner how large those are.
FILLS = tuple(
    query(f"verify/{name}")
    for name in ("fill_shares", "fill_entry_rules", "fill_in_force", "analyze", "fill_entries", "analyze_entries")
)
FORGET_ANNOUNCED = query("verify/forget_announced")
NUMBERS = query("verify/numbers")

# A frozen worker's transaction holds readers back until the broker aborts it: after 15 s, and the broker checks every
# 10 s. In seconds.
PATIENCE = 45.0
# The planner underestimates range joins on offsets by a factor of thousands and would choose nested loops, which read
# all records for each lead. So they are off here.
SESSION = {"work_mem": "64MB", "temp_buffers": "64MB", "jit": "off", "enable_nestloop": "off"}


async def verify(settings: Settings) -> Report:
    """Recomputes every guarantee; changes nothing.

    Raises one of ``worker.postgres.TROUBLE`` and ``worker.kafka.TROUBLE``.
    """
    parameters = {"group": settings.kafka.group_id, "output": settings.topics.lead_assigned}
    async with postgres.connected(settings.dsn, application_name="salesplan-verify", settings=SESSION) as connection:
        await connection.execute(TABLES)
        async with _snapshot(connection):
            violations, unreadable = await _load(connection, settings)
            violations += await checks.run(connection, checks.OF_SNAPSHOT, parameters)
            max_spread, uneven = await checks.spread(connection)
            violations += [*uneven, *await recompute(connection, checks.EXAMPLES)]
            numbers = await _numbers(connection, parameters["group"])
            note_texts = await notes(connection, parameters["output"], unreadable)
        async with _snapshot(connection):
            await connection.execute(FORGET_ANNOUNCED, timeout=checks.STATEMENT_TIMEOUT)
            violations += await checks.run(connection, checks.OF_LATER_SNAPSHOT, parameters)
    violations.sort(key=lambda violation: violation.invariant)
    return Report(**numbers, max_spread=max_spread, notes=note_texts, violations=tuple(violations))


@asynccontextmanager
async def _snapshot(connection: postgres.Connection) -> AsyncIterator[None]:
    """A read-only transaction with the snapshot of its first statement. It can write temporary tables, which stay."""
    async with postgres.transaction(connection, isolation="repeatable_read", readonly=True):
        yield


async def _load(connection: postgres.Connection, settings: Settings) -> tuple[list[Violation], dict[Partition, int]]:
    """Begins the snapshot, and then reads the topics.

    Returns violations, and the offset in each partition from which on the client can't unpack the records.
    """
    kafka, output = settings.kafka, settings.topics.lead_assigned
    inputs = {row["topic"] for row in await connection.fetch(READ_TOPICS)} | set(settings.topics.inputs)
    written = [output, *(DEAD_LETTER_PREFIX + topic for topic in sorted(inputs))]
    await load.load_outbox(connection)
    found = await bounds(kafka, [*inputs, *written])
    await load.load_bounds(connection, found)
    held_back = await wait_for_open_transactions(kafka, written, PATIENCE)
    await load.load_topics(connection, kafka, written, "read_committed")
    await load.load_topics(connection, kafka, written, "read_uncommitted")
    await load.drop_committed_copies(connection)
    await load.load_published_positions(connection, kafka, output)
    unreadable = await load_inputs(connection, settings, found)
    for statement in FILLS:
        await connection.execute(statement, timeout=checks.STATEMENT_TIMEOUT)
    return _held_back(held_back), unreadable


def _held_back(partitions: Sequence[Partition]) -> list[Violation]:
    if not partitions:
        return []
    partition_names = tuple(f"{topic}[{partition}]" for topic, partition in partitions[: checks.EXAMPLES])
    message = f"an open transaction has held read_committed readers back for more than {PATIENCE:.0f} s"
    return [Violation("I3", message, len(partitions), partition_names)]


async def _numbers(connection: postgres.Connection, group: str) -> dict[str, Any]:
    row = await connection.fetchrow(NUMBERS, group, timeout=checks.STATEMENT_TIMEOUT)
    assert row is not None  # noqa: S101 -- the statement returns one row always
    return dict(row)
