"""P30: somebody else in the consumer group. What nobody reads is seen within a minute, with who holds it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from tests.stage.environment import dice
from tests.stage.newer_member import newer_member
from tests.stage.stage import Stage
from tests.stage.upstream import event
from tests.stage.workers import WorkerProcess

STRANGER = "reporting-7"
LAG = "salesplan_group_lag_records"
UNATTENDED = "salesplan_partition_unattended_seconds"
NOTICED_SECONDS = 60.0


@asynccontextmanager
async def stranger(stage: Stage, topics: Sequence[str], assignor: type = RangePartitionAssignor) -> AsyncIterator[None]:
    """A consumer of the company's own that joined our group, reads what it is given and does nothing with it."""
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=stage.settings.kafka.bootstrap_servers,
        group_id=stage.settings.kafka.group_id,
        client_id=STRANGER,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        partition_assignment_strategy=(assignor,),
    )
    await consumer.start()

    async def read() -> None:
        while True:
            await consumer.getmany(timeout_ms=200)

    reading = asyncio.create_task(read())
    try:
        yield
    finally:
        reading.cancel()
        await consumer.stop()


async def send_orders(stage: Stage, first: int, count: int) -> None:
    random = dice(30)
    await stage.send(event(random, "order", f"lead-{number}") for number in range(first, first + count))


async def until_told(stage: Stage, worker: WorkerProcess, topic: str) -> dict[str, Any]:
    """Until the worker has logged whom it has noticed."""
    began = time.monotonic()
    await stage.until_logged(worker, "partitions_unattended")
    assert time.monotonic() - began < NOTICED_SECONDS
    (told, *_) = worker.logged("partitions_unattended")
    assert told["client_id"] == STRANGER
    assert told["host"] == "127.0.0.1"
    assert all(name.startswith(f"{topic}[") for name in told["partitions"])
    return told


async def test_p30_a_consumer_that_reads_one_of_our_topics_is_noticed(stage: Stage) -> None:
    """Log, metrics and `offsets show` tell of its partitions, in which nobody assigns. When it goes all are read."""
    order = stage.topics["order"]
    (worker,) = await stage.start_ready(1)
    async with stranger(stage, [order]):
        await send_orders(stage, 0, 40)
        told = await until_told(stage, worker, order)
        assert "no worker" in str(told["why"])
        unread = {at: end for at, end in (await stage.ends()).items() if f"{at[0]}[{at[1]}]" in told["partitions"]}
        assert sum(unread.values()) > 0

        async def measured() -> bool:
            found = await worker.metrics()
            partitions = found.samples(UNATTENDED, "topic", "partition")
            behind = found.samples(LAG, "topic")
            return partitions.keys() == {(order, str(number)) for _, number in unread} and behind[order,] == sum(
                unread.values()
            )

        await stage.until("the metrics tell of it", measured)
        shown = await stage.command("offsets", "show")
        assert f"{STRANGER}@127.0.0.1" in shown.out
        assert f"held by {STRANGER} at 127.0.0.1, which is no worker" in shown.err
        rows = json.loads((await stage.command("offsets", "show", "--json")).out)
        holders = {(row["topic"], row["partition"]): row["holder"] for row in rows}
        assert {at for at, holder in holders.items() if not holder["is_worker"]} == unread.keys()
        assert {holder["client_id"] for at, holder in holders.items() if at not in unread} == {"salesplan"}
        assert len(worker.logged("partitions_unattended")) == 1
    await stage.until_handled()
    await stage.until_logged(worker, "partitions_attended")

    async def forgotten() -> bool:
        found = await worker.metrics()
        return not found.samples(UNATTENDED, "topic", "partition") and found.samples(LAG, "topic")[order,] == 0

    await stage.until("the metrics tell no more of it", forgotten)
    await stage.finish()


async def test_p30_a_member_that_looks_like_a_worker_and_assigns_nothing_is_noticed(stage: Stage) -> None:
    """It is like a worker of another database, or a stuck one: it holds partitions whose positions do not move."""
    (worker,) = await stage.start_ready(1)
    async with stranger(stage, list(stage.topics.values())):
        await send_orders(stage, 0, 40)
        told = await until_told(stage, worker, stage.topics["order"])
        assert "their position does not move" in str(told["why"])
    await stage.until_handled()
    await stage.finish()


async def test_p30_a_consumer_of_the_newer_protocol_is_noticed_and_named(stage: Stage) -> None:
    """It turns the group into one of the newer kind, of which the older request says that it is dead."""
    kafka, order = stage.settings.kafka, stage.topics["order"]
    (worker,) = await stage.start_ready(1)
    async with newer_member(kafka.bootstrap_servers, kafka.group_id, STRANGER, [order]):
        await send_orders(stage, 0, 40)
        told = await until_told(stage, worker, order)
        assert "no worker" in str(told["why"])
        shown = await stage.command("offsets", "show")
        assert f"held by {STRANGER} at 127.0.0.1, which is no worker" in shown.err
    await stage.until_handled()
    await stage.finish()


async def test_p30_a_group_that_shares_out_in_another_way_is_told_in_one_line(stage: Stage) -> None:
    """A consumer was there first, and knows no way of sharing out that we know; when it goes the worker goes on."""
    async with stranger(stage, [stage.topics["order"]], RoundRobinPartitionAssignor):
        worker = stage.start()
        await stage.until_logged(worker, "group_unusable")
        await asyncio.sleep(5)
        (told,) = worker.logged("group_unusable")
        assert f"{STRANGER} at 127.0.0.1" in str(told["why"])
    await send_orders(stage, 0, 40)
    await stage.until_handled()
    await stage.finish()
