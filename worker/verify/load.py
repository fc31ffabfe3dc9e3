"""Loads topics and outbox into temporary tables, a few thousand messages at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Literal

from db import query
from worker import postgres
from worker.kafka.admin import administration
from worker.kafka.reader import read_all
from worker.outbox.packing import unpack
from worker.outbox.slots import publisher_id
from worker.records.record import DEAD_LETTER_PREFIX, Partition, Record
from worker.settings.kafka import Kafka
from worker.verify.checks import STATEMENT_TIMEOUT
from worker.verify.wire import ANNOUNCED, DEAD_LETTER, INPUT_RECORD, Row, announced, dead_letter

READ_OUTBOX = query("verify/read_outbox")
READ_SLOTS = query("verify/slots_read")
KEEP_ABORTED = (query("verify/keep_aborted_announced"), query("verify/keep_aborted_dead_letters"))

CHUNK = 5000
OUTBOX_PREFETCH = 2
LATEST = 253_370_764_800_000  # ms since 1970: a time in the year 9999
TABLES = {"announced": ANNOUNCED, "dead_letter": DEAD_LETTER, "input_record": INPUT_RECORD}
SOURCES: dict[Literal["read_committed", "read_uncommitted"], str] = {
    "read_committed": "committed",
    "read_uncommitted": "uncommitted",
}

Bounds = Mapping[Partition, tuple[int, int]]  # first offset and end


class Loader:
    """Collects rows, and writes each table's rows when they are many."""

    def __init__(self, connection: postgres.Connection) -> None:
        self._db = connection
        self._rows: dict[str, list[Row]] = {table: [] for table in TABLES}

    def add(self, table: str, row: Row) -> None:
        """Adds one row to those that wait to be written."""
        self._rows[table].append(row)

    async def write(self, at_least: int = CHUNK) -> None:
        """Writes the rows of each table that has at least so many."""
        for table, rows in self._rows.items():
            if len(rows) >= at_least:
                await copy(self._db, table, TABLES[table], rows)
                rows.clear()


@asynccontextmanager
async def loading(connection: postgres.Connection) -> AsyncIterator[Loader]:
    """A loader for the block. The end of the block writes the remaining rows."""
    loader = Loader(connection)
    yield loader
    await loader.write(at_least=1)


async def load_outbox(connection: postgres.Connection) -> None:
    """Loads the snapshot's unpublished messages. Slot and sequence stand in the columns `partition` and `offset`."""
    async with loading(connection) as loader:
        async for group, slot, sequence, messages in connection.cursor(
            READ_OUTBOX, prefetch=OUTBOX_PREFETCH, timeout=STATEMENT_TIMEOUT
        ):
            location = ("pending", f"outbox of {group}", slot, sequence)
            for message in unpack(messages):
                if _holds_letters(message.topic):
                    loader.add("dead_letter", dead_letter(location, message.topic, message, None))
                else:
                    loader.add("announced", announced(location, message, None))
            await loader.write()


async def load_topics(
    connection: postgres.Connection,
    kafka: Kafka,
    topics: Sequence[str],
    isolation: Literal["read_committed", "read_uncommitted"],
) -> None:
    """Loads all messages of these topics that a reader with this isolation sees."""
    async with loading(connection) as loader:
        async for records in read_all(kafka, topics, isolation):
            for record in records:
                _add(loader, record, SOURCES[isolation])
            await loader.write()


async def drop_committed_copies(connection: postgres.Connection) -> None:
    """Deletes the messages that were loaded a second time. Those of aborted transactions stay, marked uncommitted."""
    for statement in KEEP_ABORTED:
        await connection.execute(statement, timeout=STATEMENT_TIMEOUT)


async def load_bounds(connection: postgres.Connection, found: Bounds) -> None:
    """Loads the first offset and the end of each partition."""
    await copy(
        connection,
        "bounds",
        ("topic", "partition", "first", "end", "letters_of"),
        [
            (topic, partition, *offsets, topic.removeprefix(DEAD_LETTER_PREFIX) if _holds_letters(topic) else None)
            for (topic, partition), offsets in found.items()
        ],
    )


async def load_published_positions(connection: postgres.Connection, kafka: Kafka, output: str) -> None:
    """Loads for each slot the sequence of the last published outbox row, which Kafka keeps as a group's offset."""
    slots = await connection.fetch(READ_SLOTS)
    async with administration(kafka) as admin:
        found = [
            (group, number, is_marked, await admin.position(publisher_id(group, number), output))
            for group, number, is_marked in slots
        ]
    # If the slot's owners mark their positions, then a position without the mark is a tool's.
    rows = [(group, number, at.sequence) for group, number, is_marked, at in found if at.is_ours or not is_marked]
    await copy(connection, "published_position", ("group_id", "number", "sequence"), rows)


async def copy(connection: postgres.Connection, table: str, columns: Iterable[str], rows: Sequence[Row]) -> None:
    """Appends the rows to a temporary table."""
    await connection.copy_records_to_table(table, columns=list(columns), records=rows, timeout=STATEMENT_TIMEOUT)


def written_at(record: Record) -> datetime:
    """The record's time in UTC. The sender may set any time, so it is cut to what Postgres can hold."""
    return datetime.fromtimestamp(min(max(record.timestamp, 0), LATEST) / 1000, UTC)


def _add(loader: Loader, record: Record, source: str) -> None:
    location = (source, record.topic, record.partition, record.offset)
    if _holds_letters(record.topic):
        loader.add("dead_letter", dead_letter(location, record.topic, record, written_at(record)))
    else:
        loader.add("announced", announced(location, record, written_at(record)))


def _holds_letters(topic: str) -> bool:
    return topic.startswith(DEAD_LETTER_PREFIX)
