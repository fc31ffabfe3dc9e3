"""The inputs read again, as far as the snapshot's positions: what each record says, as this release decodes it."""

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
    """Read again what was read, as far as it is retained. Returns where a record can't be unpacked, and its offset.

    The dead letters are there already: what is retained of them decides what can be said of the inputs.
    """
    kinds = settings.topics.inputs
    unreadable: dict[Partition, int] = {}
    ranges = _kept(await _ranges(connection, settings), found)
    async with loading(connection) as loader:
        async for records in read_ranges(settings.kafka, ranges, unreadable):
            kind = kinds[records[0].topic]
            for record in records:
                loader.add("input_record", _row(record, kind, settings.intake.max_value_bytes))
            await loader.write()
    # What was deleted meanwhile may have been missed.
    ranges = _kept(ranges, await bounds(settings.kafka, list(kinds)))
    ranges |= {place: (ranges[place][0], offset) for place, offset in unreadable.items() if place in ranges}
    rows = [(*place, *offsets) for place, offsets in ranges.items()]
    if rows:
        await connection.execute(FILL_RANGES, *zip(*rows, strict=True), timeout=STATEMENT_TIMEOUT)
        await connection.execute(DROP_EXPIRED, timeout=STATEMENT_TIMEOUT)
    return unreadable


async def _ranges(connection: postgres.Connection, settings: Settings) -> dict[Partition, Range]:
    """What was read of topics that are inputs by the settings, and keep every record until they delete it."""
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


def _kept(ranges: Mapping[Partition, Range], found: Bounds) -> dict[Partition, Range]:
    """As much of the ranges as the logs hold."""
    kept = {
        place: (max(first, found[place][0]), min(end, found[place][1]))
        for place, (first, end) in ranges.items()
        if place in found
    }
    return {place: (first, end) for place, (first, end) in kept.items() if first < end}


def _row(record: Record, kind: str, max_bytes: int) -> Row:
    """A row of `input_record`. Nothing of the value but ids."""
    place = (
        record.topic,
        record.partition,
        record.offset,
        written_at(record),
        digest(record),
        len(record.value or b""),
    )
    match decode(kind, record.value, max_bytes=max_bytes):
        case Lead(trigger, account, lead, ref, event_id):
            return (*place, False, trigger.value, account, lead, ref, event_id, None)
        case Contact(account, lead, manager, occurred_at):
            return (*place, False, kind, account, lead, manager, None, occurred_at)
        case Poison():
            return (*place, True, None, None, None, None, None, None)
