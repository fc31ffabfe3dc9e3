"""(d) The limit of Postgres: the same rows in batches of the same size, under the same locks, without any decision.

All rows are made before the clock starts. The program reads nothing from Kafka, and publishes nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from benchmarks.contestants.course import Clock, Course
from benchmarks.workloads import popular
from db import query
from worker import postgres
from worker.ledger.arrays import int_array
from worker.ledger.rows import ASSIGNMENT_COLUMNS
from worker.settings import Intake

BATCH = Intake().max_batch
TOPICS, PARTITIONS = ("subscription", "order", "failed-payment", "paid"), 12
ANNOUNCED = 250  # bytes that an assignment takes in the outbox, compressed
GROUP = "floor"

POPULAR = """
    select t.plan_no, t.ref, m.managers
    from plain.trigger t
    join (select plan_no, array_agg(manager_id) managers from plain.member group by 1) m using (plan_no)
"""


class Prepared(NamedTuple):
    """The rows that one transaction writes."""

    plan_nos: Sequence[int]
    leads: tuple[str, str]
    rows: Sequence[tuple[object, ...]]
    counters: Sequence[tuple[object, ...]]
    moved: Sequence[tuple[object, ...]]
    outbox: bytes


async def main() -> None:
    course, clock = Course.given(), Clock()
    async with postgres.connected(
        course.database, application_name="floor", settings=postgres.BATCH_SETTINGS
    ) as connection:
        await _begin(connection)
        prepared = list(_prepare(course.events, await _plans(connection)))
        clock.begin()
        for sequence, batch in enumerate(prepared, 1):
            await _write(connection, batch, sequence)
        clock.end()


async def _write(connection: postgres.Connection, batch: Prepared, sequence: int) -> None:
    async with postgres.transaction(connection):
        locked = await connection.fetch(query("batch/lock_counters"), batch.plan_nos)
        places = {row["plan_no"]: row["place"] for row in locked}
        await connection.fetch(query("batch/read_start"))
        await connection.fetch(query("batch/find_assigned"), *batch.leads)
        await connection.copy_records_to_table(
            "assignment", schema_name="salesplan", columns=ASSIGNMENT_COLUMNS, records=batch.rows
        )
        counters = [(places[no], *further) for no, *further in batch.counters]
        done = [
            await connection.execute(query("batch/move_counters"), *zip(*counters, strict=True)),
            await connection.execute(query("batch/move_positions"), GROUP, *zip(*batch.moved, strict=True), 1),
            await connection.execute(
                query("batch/write_outbox"), GROUP, 0, 1, sequence, sequence - 1, 10.0, batch.outbox, datetime.now(UTC)
            ),
        ]
        if done != [f"UPDATE {len(counters)}", f"UPDATE {len(batch.moved)}", "INSERT 0 1"]:
            raise RuntimeError(f"these are not the rows of a batch: {done}")


async def _begin(connection: postgres.Connection) -> None:
    """The rows that a worker makes once."""
    await connection.fetch(query("slots/make"), GROUP, 3600.0, "floor")
    places = [(topic, partition) for topic in TOPICS for partition in range(PARTITIONS)]
    await connection.execute(query("positions/start"), GROUP, *zip(*places, strict=True), [0] * len(places))


async def _plans(connection: postgres.Connection) -> dict[str, tuple[int, list[str]]]:
    """The number and the managers of each plan, by its LGTs and offers."""
    return {row["ref"]: (row["plan_no"], row["managers"]) for row in await connection.fetch(POPULAR)}


def _prepare(events: int, plans: dict[str, tuple[int, list[str]]]) -> Iterator[Prepared]:
    """Makes the rows of each transaction. The managers get leads in turn, which is the result of `even`."""
    seqs: Counter[int] = Counter()
    read: Counter[tuple[str, int]] = Counter()
    refs = (f"lgt-{number}" for number in popular(len(plans) // 2))
    while batch := list(islice(refs, min(BATCH, events))):
        events -= len(batch)
        yield _batch([plans[ref] for ref in batch], batch, seqs, read)


def _batch(
    plans: Sequence[tuple[int, list[str]]], refs: Sequence[str], seqs: Counter[int], read: Counter[tuple[str, int]]
) -> Prepared:
    now, rows, leads, moved = datetime.now(UTC), [], [], Counter[tuple[str, int]]()
    for place, ((plan_no, managers), ref) in enumerate(zip(plans, refs, strict=True)):
        seqs[plan_no] += 1
        source = TOPICS[place % len(TOPICS)], place % PARTITIONS
        moved[source] += 1
        lead, offset = str(uuid4()), read[source] + moved[source] - 1
        decided = plan_no, seqs[plan_no], managers[seqs[plan_no] % len(managers)], 1, "even", 1, uuid4(), now, 1, None
        rows.append((*decided, lead, "subscription", ref, UUID(int=place), *source, offset))
        leads.append(lead)
    touched = {plan_no: len(managers) for plan_no, managers in plans}
    steps = [_step(source, read[source], count) for source, count in sorted(moved.items())]
    read.update(moved)
    return Prepared(
        sorted(touched),
        (int_array([plan_no for plan_no, _ in plans]), "\n".join(leads)),
        rows,
        [(no, seqs[no], 0, *[int_array([seqs[no] // size] * size)] * 2) for no, size in sorted(touched.items())],
        steps,
        bytes(ANNOUNCED * len(rows)),
    )


def _step(source: tuple[str, int], before: int, count: int) -> tuple[Any, ...]:
    return *source, before, before + count, 0, count, 0, 0, 0, 0, 0


if __name__ == "__main__":
    asyncio.run(main())
