"""Reads the inputs again up to the snapshot's positions, and decodes each record with this release."""

from __future__ import annotations

from collections.abc import Mapping

from db import query
from worker import postgres
from worker.intake.decode import decode
from worker.kafka.admin import administration
from worker.kafka.ranges import Range, read_ranges
from worker.kafka.reader import bounds
from worker.records.record import Partition, Record
from worker.rules.event import Contact, Lead, Poison
from worker.settings import Settings
from worker.verify.checks import STATEMENT_TIMEOUT
from worker.verify.load import Bounds, copy, loading, written_at
from worker.verify.wire import Row, digest

READ_RANGES = query("verify/input_ranges")
FILL_RANGES = query("verify/fill_input_ranges")
DROP_EXPIRED = query("verify/drop_expired")


async def load_inputs(connection: postgres.Connection, settings: Settings, found: Bounds) -> dict[Partition, int]:
    """Loads all input records that workers have read and Kafka still holds.

    Returns the offset in each partition from which on the client can't unpack the records. The dead letters must be
    loaded before, since the checks of the inputs reach only as far back as these.
    """
    kinds = settings.topics.inputs
    unreadable: dict[Partition, int] = {}
    ranges = _within_logs(await _ranges(connection, settings), found)
    async with loading(connection) as loader:
        async for records in read_ranges(settings.kafka, ranges, unreadable):
            kind = kinds[records[0].topic]
            for record in records:
                loader.add("input_record", _row(record, kind, settings.intake.max_value_bytes))
            await loader.write()
    # Kafka may have deleted records meanwhile, before they were read here.
    ranges = _within_logs(ranges, await bounds(settings.kafka, list(kinds)))
    ranges |= {
        partition: (ranges[partition][0], offset) for partition, offset in unreadable.items() if partition in ranges
    }
    rows = [(*partition, *offsets) for partition, offsets in ranges.items()]
    if rows:
        await connection.execute(FILL_RANGES, *zip(*rows, strict=True), timeout=STATEMENT_TIMEOUT)
        await connection.execute(DROP_EXPIRED, timeout=STATEMENT_TIMEOUT)
    return unreadable


async def _ranges(connection: postgres.Connection, settings: Settings) -> dict[Partition, Range]:
    """The offset ranges that workers have read of the inputs, without compacted topics, which lose single records."""
    async with administration(settings.kafka) as admin:
        existing = list(await admin.topics(settings.topics.inputs))
        policies = await admin.setting("cleanup.policy", existing)
        logs = await admin.logs(existing)
    await copy(
        connection,
        "log",
        ("topic", "cluster_id", "topic_id"),
        [(topic, logs.cluster_id, topic_id) for topic, topic_id in logs.topics.items()],
    )
    return {
        (topic, partition): (first, following)
        for topic, partition, first, following in await connection.fetch(READ_RANGES)
        if topic in logs.topics and "compact" not in policies.get(topic, "")
    }


def _within_logs(ranges: Mapping[Partition, Range], found: Bounds) -> dict[Partition, Range]:
    """The parts of the ranges that the logs still hold."""
    within = {
        partition: (max(first, found[partition][0]), min(end, found[partition][1]))
        for partition, (first, end) in ranges.items()
        if partition in found
    }
    return {partition: (first, end) for partition, (first, end) in within.items() if first < end}


def _row(record: Record, kind: str, max_bytes: int) -> Row:
    """The record as a row of `input_record`. The row has only the ids from the value."""
    common = (
        record.topic,
        record.partition,
        record.offset,
        written_at(record),
        digest(record),
        len(record.value or b""),
    )
    match decode(kind, record.value, max_bytes=max_bytes):
        case Lead(trigger, account, lead, ref, event_id):
            return (*common, False, trigger.value, account, lead, ref, event_id, None)
        case Contact(account, lead, manager, occurred_at):
            return (*common, False, kind, account, lead, manager, None, occurred_at)
        case Poison():
            return (*common, True, None, None, None, None, None, None)
