"""Upstream in odd ways: many small transactions, each of which leaves a marker where an offset is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count, islice, product

from aiokafka import AIOKafkaProducer

from tests.stage.environment import PARTITIONS, dice
from tests.stage.stage import Stage
from tests.stage.upstream import KINDS, Event, event, events
from worker.kafka.client import client_options

PRODUCERS = 5
EVENTS_EACH = 8
WHILE_IT_LASTS = 2_500


@asynccontextmanager
async def transactions(stage: Stage, load: Iterator[Event]) -> AsyncIterator[None]:
    """For the length of the block: small transactions, from several producers at once, as fast as Kafka takes them."""
    over = asyncio.Event()

    async def pour(number: int) -> None:
        name = f"{stage.settings.kafka.group_id}-upstream-{number}"
        async with AIOKafkaProducer(**client_options(stage.settings.kafka), transactional_id=name) as producer:
            for turn in count():
                if over.is_set():
                    return
                await _transaction(stage, producer, list(islice(load, EVENTS_EACH)), taken_back=turn % 10 == 9)

    async with asyncio.TaskGroup() as tasks:
        for number in range(PRODUCERS):
            tasks.create_task(pour(number))
        yield
        over.set()


async def _transaction(stage: Stage, producer: AIOKafkaProducer, load: list[Event], *, taken_back: bool) -> None:
    await producer.begin_transaction()
    await stage.send_by(producer, load)
    if taken_back:
        await producer.abort_transaction()
    else:
        await producer.commit_transaction()
        stage.sent += load


async def test_p19_an_upstream_of_small_transactions_holds_nothing_up(stage: Stage) -> None:
    """Markers make gaps in every poll. Records go through while it lasts, and those taken back never do."""
    random = dice(19)
    load = events(random, leads=2000)
    (worker,) = await stage.start_ready(1)

    async def going_on() -> bool:
        return await stage.handled() >= WHILE_IT_LASTS

    async with transactions(stage, load):
        await stage.until(f"{WHILE_IT_LASTS} records have an outcome while upstream goes on", going_on)
    # A position is told in records: only one after the last marker brings it to the end.
    await stage.send(
        replace(event(random, kind, "the-last"), partition=partition)
        for kind, partition in product(KINDS, range(PARTITIONS))
    )
    await stage.finish()
    assert len(worker.logged("sought")) == 1  # what is read once more is each time one partition
    assert not worker.logged("client_had_lost_records")
