"""Topics and outbox into temporary tables, some thousand messages at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Literal

from db import query
from worker import postgres
from worker.kafka.admin import administration
from worker.kafka.reader import read_all
from worker.outbox.row import unpack
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
LATEST = 253_370_764_800_000  # in the year 9999
TABLES = {"announced": ANNOUNCED, "dead_letter": DEAD_LETTER, "input_record": INPUT_RECORD}
SOURCES: dict[Literal["read_committed", "read_uncommitted"], str] = {
    "read_committed": "committed",
    "read_uncommitted": "uncommitted",
}

Bounds = Mapping[Partition, tuple[int, int]]  # first offset and end


class Loader:
    """Collects rows, and writes them when they are many."""

    def __init__(self, connection: postgres.Connection) -> None:
        self._db = connection
        self._rows: dict[str, list[Row]] = {table: [] for table in TABLES}

    def add(self, table: str, row: Row) -> None:
        """One more row."""
        self._rows[table].append(row)

    async def write(self, at_least: int = CHUNK) -> None:
        """Write what has come together, table by table."""
        for table, rows in self._rows.items():
            if len(rows) >= at_least:
                await copy(self._db, table, TABLES[table], rows)
                rows.clear()


@asynccontextmanager
async def loading(connection: postgres.Connection) -> AsyncIterator[Loader]:
    """A loader for the length of the block; what is left in it is written at the end."""
    loader = Loader(connection)
    yield loader
    await loader.write(at_least=1)


async def load_outbox(connection: postgres.Connection) -> None:
    """What the snapshot holds unpublished, each message with its slot and sequence as its place."""
    async with loading(connection) as loader:
        async for group, slot, sequence, messages in connection.cursor(
            READ_OUTBOX, prefetch=OUTBOX_PREFETCH, timeout=STATEMENT_TIMEOUT
        ):
            place = ("pending", f"outbox of {group}", slot, sequence)
            for message in unpack(messages):
                if _holds_letters(message.topic):
                    loader.add("dead_letter", dead_letter(place, message.topic, message, None))
                else:
                    loader.add("announced", announced(place, message, None))
            await loader.write()


async def load_topics(
    connection: postgres.Connection,
    kafka: Kafka,
    topics: Sequence[str],
    isolation: Literal["read_committed", "read_uncommitted"],
) -> None:
    """All that a reader with this isolation sees in the output and dead-letter topics."""
    async with loading(connection) as loader:
        async for records in read_all(kafka, topics, isolation):
            for record in records:
                _add(loader, record, SOURCES[isolation])
            await loader.write()


async def drop_seen_twice(connection: postgres.Connection) -> None:
    """Of what only read_uncommitted readers are shown, leave what the others do not see."""
    for statement in KEEP_ABORTED:
        await connection.execute(statement, timeout=STATEMENT_TIMEOUT)


async def load_bounds(connection: postgres.Connection, found: Bounds) -> None:
    """First offset and end of each partition."""
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
    """What Kafka knows to be published of each slot."""
    slots = await connection.fetch(READ_SLOTS)
    async with administration(kafka) as admin:
        found = [
            (group, number, is_marked, await admin.position(publisher_id(group, number), output))
            for group, number, is_marked in slots
        ]
    # Where the slot's owners mark their positions, one without the mark is a tool's.
    rows = [(group, number, at.sequence) for group, number, is_marked, at in found if at.is_ours or not is_marked]
    await copy(connection, "published_position", ("group_id", "number", "sequence"), rows)


async def copy(connection: postgres.Connection, table: str, columns: Iterable[str], rows: Sequence[Row]) -> None:
    """Append to a temporary table."""
    await connection.copy_records_to_table(table, columns=list(columns), records=rows, timeout=STATEMENT_TIMEOUT)


def written_at(record: Record) -> datetime:
    """The record's own time, which the sender may have chosen."""
    return datetime.fromtimestamp(min(max(record.timestamp, 0), LATEST) / 1000, UTC)


def _add(loader: Loader, record: Record, source: str) -> None:
    place = (source, record.topic, record.partition, record.offset)
    if _holds_letters(record.topic):
        loader.add("dead_letter", dead_letter(place, record.topic, record, written_at(record)))
    else:
        loader.add("announced", announced(place, record, written_at(record)))


def _holds_letters(topic: str) -> bool:
    return topic.startswith(DEAD_LETTER_PREFIX)
