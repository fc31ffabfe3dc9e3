"""The end of a test: the tables, and the topics as both kinds of readers see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.stage.upstream import Event
from worker import postgres
from worker.kafka.reader import bounds, read_all
from worker.records.record import Partition, Record
from worker.settings import Settings

Rows = Sequence[postgres.Row]

POSITIONS = "select * from salesplan.position where group_id = $1"
# In the order they were decided: ids are counted up within a batch.
ASSIGNMENTS = """
    select a.*, p.account_id, p.plan_id
    from salesplan.assignment a join salesplan.plan p using (plan_no)
    order by a.assigned_at, a.event_id
"""
WAITING = """
    select w.*, p.account_id, p.plan_id
    from salesplan.waiting_lead w join salesplan.plan p using (plan_no)
    order by w.arrival
"""
VERSIONS = """
    select v.*, p.account_id, p.plan_id, p.roster, p.version = v.version as in_force
    from salesplan.plan_version v join salesplan.plan p using (plan_no)
    order by v.plan_no, v.version
"""
COUNTERS = "select * from salesplan.plan_counter"
SHARES = "select * from salesplan_api.plan_managers"


class Sent(NamedTuple):
    """An event, and where Kafka put it."""

    event: Event
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True)
class Observed:
    """Everything at one moment in which nothing moves."""

    sent: Sequence[Sent]
    positions: Rows
    assignments: Rows
    waiting: Rows
    versions: Rows
    counters: Rows
    shares: Rows
    announced: Sequence[Record]  # lead-assigned, as a read_committed reader sees it
    copies: Sequence[Record]  # the same as a read_uncommitted reader sees it
    letters: Sequence[Record]  # all dead-letter topics, read_committed
    bounds: Mapping[Partition, tuple[int, int]]  # of the inputs: first offset and end


async def observe(settings: Settings, connection: postgres.Connection, events: Sequence[Event]) -> Observed:
    """Read it all. Plans and leads of other stages are in other databases."""
    kafka, topics = settings.kafka, settings.topics
    output, letters = [topics.lead_assigned], [topics.dead_letters(topic) for topic in topics.inputs]
    return Observed(
        sent=await _records(settings, events),
        positions=await connection.fetch(POSITIONS, kafka.group_id),
        assignments=await connection.fetch(ASSIGNMENTS),
        waiting=await connection.fetch(WAITING),
        versions=await connection.fetch(VERSIONS),
        counters=await connection.fetch(COUNTERS),
        shares=await connection.fetch(SHARES),
        announced=[record async for some in read_all(kafka, output) for record in some],
        copies=[record async for some in read_all(kafka, output, "read_uncommitted") for record in some],
        letters=[record async for some in read_all(kafka, letters) for record in some],
        bounds=await bounds(kafka, list(topics.inputs)),
    )


async def _records(settings: Settings, events: Sequence[Event]) -> list[Sent]:
    """The inputs as they are in Kafka: the events that were sent, no more and no less."""
    inputs = settings.topics.inputs
    known = {(event.kind, event.key, event.value): event for event in events}
    records = [record async for some in read_all(settings.kafka, list(inputs)) for record in some]
    found = [known[inputs[record.topic], record.key, record.value] for record in records]
    assert Counter(map(id, found)) == Counter(id(known[event.kind, event.key, event.value]) for event in events), (
        "upstream itself has lost or doubled records"
    )
    return [
        Sent(event, record.topic, record.partition, record.offset) for event, record in zip(found, records, strict=True)
    ]


def total(found: Observed, outcome: str) -> int:
    return sum(row[outcome] for row in found.positions)
