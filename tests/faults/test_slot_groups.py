"""P26: somebody sets the offsets of all consumer groups, those of slots among them."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import CoordinationType
from aiokafka.protocol.admin import DeleteGroupsRequest
from aiokafka.structs import OffsetAndMetadata

from tests.faults.positions import PLANS, orders
from tests.stage.environment import dice
from tests.stage.stage import Stage
from worker.failpoint import VARIABLE
from worker.kafka.admin import administration
from worker.kafka.client import client_options

LATEST = 100_000  # above every row that a slot has written


async def set_offset(stage: Stage, offset: int, metadata: str = "") -> None:
    """Set the offset as kafka-consumer-groups.sh --reset-offsets does."""
    consumer = AIOKafkaConsumer(**client_options(stage.settings.kafka), group_id=group(stage), enable_auto_commit=False)
    await consumer.start()
    try:
        place = TopicPartition(stage.settings.topics.lead_assigned, 0)
        consumer.assign([place])
        await consumer.commit({place: OffsetAndMetadata(offset, metadata)})
    finally:
        await consumer.stop()


async def delete_group(stage: Stage) -> None:
    async with administration(stage.settings.kafka) as admin:
        client = admin._client._client
        node = await client.coordinator_lookup(CoordinationType.GROUP, group(stage))
        answer = await client.send(node, DeleteGroupsRequest([group(stage)]))
        assert answer.results == [(group(stage), 0)]


def group(stage: Stage) -> str:
    return f"{stage.settings.kafka.group_id}-slot-0"


async def slot_is_free(stage: Stage) -> None:
    async def free() -> bool:
        return await stage.number("select count(*) from salesplan.slot where lease_until < clock_timestamp()") == 1

    await stage.until("the slot of the dead worker is free", free)


@pytest.mark.parametrize("offset", [0, 1, LATEST], ids=["earliest", "between", "latest"])
async def test_p26_a_position_that_a_tool_has_set_counts_for_nothing(stage: Stage, offset: int) -> None:
    """Nothing is owed: the database knows all, and the position is put right."""
    (worker,) = await stage.start_ready(1)
    await stage.send(orders(dice(130), 0, 50))
    await stage.until_handled()
    await stage.until_published()
    await worker.stop()
    await set_offset(stage, offset)
    (worker,) = await stage.start_ready(1)
    assert len(worker.logged("position_set_by_a_stranger")) == 1
    assert (await stage.command("verify")).code == 0
    await stage.send(orders(dice(131), 50, 50))
    await stage.finish()
    assert await stage.assigned() == PLANS * 100


@pytest.mark.parametrize("where", ["earliest", "written", "latest"])
async def test_p26_what_is_owed_is_not_dropped_for_a_position_of_a_tool(stage: Stage, where: str) -> None:
    """Nobody can tell by then whether it is out: the worker says which group, and what to do."""
    (worker,) = await stage.start_ready(1)
    await stage.send(orders(dice(132), 0, 50))
    await stage.until_handled()
    await stage.until_published()
    await worker.stop()
    dying = stage.start(**{VARIABLE: "after_commit_before_publish"})
    await stage.send(orders(dice(133), 50, 50))
    await stage.until_gone(dying)
    await slot_is_free(stage)
    written = await stage.number("select max(sequence) from salesplan.slot")
    await set_offset(stage, {"earliest": 0, "written": written + 1, "latest": LATEST}[where])
    for _ in range(2):  # nor does the next one take it for anything else
        refused = stage.start()
        assert await refused.ends() == 1
        said = refused.log.read_text()
        assert f"{group(stage)}: something else than a worker has set the offset of this Kafka group" in said
        assert f"`kafka-consumer-groups.sh --delete --group {group(stage)}`" in said
        await slot_is_free(stage)
    await delete_group(stage)
    await stage.start_ready(1)
    await stage.finish()
    assert await stage.assigned() == PLANS * 100


async def test_p26_a_position_of_the_release_before_counts(stage: Stage) -> None:
    """It marks none: what it has published is not published again."""
    worker = stage.start(**{VARIABLE: "after_publish_before_confirm"})
    await stage.send(orders(dice(134), 0, 50))
    await stage.until_gone(worker)
    await slot_is_free(stage)
    written = await stage.number("select max(sequence) from salesplan.slot where sequence > confirmed")
    await set_offset(stage, written + 1)
    async with stage.database() as connection:
        await connection.execute("update salesplan.slot set marked_epoch = null")
    await stage.start_ready(1)
    await stage.finish()
    assert await stage.assigned() == PLANS * 50
