"""The order in which things are read, on which being right beside running workers depends."""

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
# Each from what was filled before; the planner must know how much that is.
FILLS = tuple(
    query(f"verify/{name}")
    for name in ("fill_shares", "fill_entry_rules", "fill_in_force", "analyze", "fill_entries", "analyze_entries")
)
FORGET_ANNOUNCED = query("verify/forget_announced")
NUMBERS = query("verify/numbers")

# A frozen worker's transaction holds readers back until the broker aborts it: after 15 s, when it looks every 10 s.
PATIENCE = 45.0
# Everything is read, and joined with what was read besides: how much fits together the planner underrates by thousands
# where offsets lie in ranges, and a nested loop then goes through all records for each lead.
SESSION = {"work_mem": "64MB", "temp_buffers": "64MB", "jit": "off", "enable_nestloop": "off"}


async def verify(settings: Settings) -> Report:
    """Recompute every guarantee. Changes nothing.

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
            told = await notes(connection, parameters["output"], unreadable)
        async with _snapshot(connection):
            await connection.execute(FORGET_ANNOUNCED, timeout=checks.STATEMENT_TIMEOUT)
            violations += await checks.run(connection, checks.OF_LATER_SNAPSHOT, parameters)
    violations.sort(key=lambda violation: violation.invariant)
    return Report(**numbers, max_spread=max_spread, notes=told, violations=tuple(violations))


@asynccontextmanager
async def _snapshot(connection: postgres.Connection) -> AsyncIterator[None]:
    """The tables as they are at the first statement. Only temporary tables can be written; they outlive the block."""
    async with postgres.transaction(connection, isolation="repeatable_read", readonly=True):
        yield


async def _load(connection: postgres.Connection, settings: Settings) -> tuple[list[Violation], dict[Partition, int]]:
    """The snapshot begins; then everything that is outside it is read. Returns what could not be read to its end."""
    kafka, output = settings.kafka, settings.topics.lead_assigned
    inputs = {row["topic"] for row in await connection.fetch(READ_TOPICS)} | set(settings.topics.inputs)
    written = [output, *(DEAD_LETTER_PREFIX + topic for topic in sorted(inputs))]
    await load.load_outbox(connection)
    found = await bounds(kafka, [*inputs, *written])
    await load.load_bounds(connection, found)
    held = await wait_for_open_transactions(kafka, written, PATIENCE)
    await load.load_topics(connection, kafka, written, "read_committed")
    await load.load_topics(connection, kafka, written, "read_uncommitted")
    await load.drop_seen_twice(connection)
    await load.load_published_positions(connection, kafka, output)
    unreadable = await load_inputs(connection, settings, found)
    for statement in FILLS:
        await connection.execute(statement, timeout=checks.STATEMENT_TIMEOUT)
    return _held_back(held), unreadable


def _held_back(partitions: Sequence[Partition]) -> list[Violation]:
    if not partitions:
        return []
    places = tuple(f"{topic}[{partition}]" for topic, partition in partitions[: checks.EXAMPLES])
    message = f"an open transaction has held read_committed readers back for more than {PATIENCE:.0f} s"
    return [Violation("I3", message, len(partitions), places)]


async def _numbers(connection: postgres.Connection, group: str) -> dict[str, Any]:
    row = await connection.fetchrow(NUMBERS, group, timeout=checks.STATEMENT_TIMEOUT)
    assert row is not None  # noqa: S101 -- sums are one row
    return dict(row)
