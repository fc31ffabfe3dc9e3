"""P20: a position that the log does not hold, or that counts in another log, is never read on from silently."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from tests.faults.positions import PLANS, REFUSES, orders, reset
from tests.stage.environment import dice, environment
from tests.stage.observed import Observed
from tests.stage.stage import Stage, opened
from tests.stage.upstream import Event, events
from tests.stage.violations import announcements, counters, offsets
from worker.cluster.topics import create
from worker.embedded import Kafka
from worker.failpoint import VARIABLE
from worker.kafka.admin import administration
from worker.kafka.client import client_options
from worker.kafka.reader import read_all


async def delete_all_records(stage: Stage) -> None:
    """Delete all records, as retention does."""
    client = AIOKafkaAdminClient(**client_options(stage.settings.kafka))
    await client.start()
    try:
        ends = {TopicPartition(*place): end for place, end in (await stage.ends()).items() if end}
        await client.delete_records({place: RecordsToDelete(before_offset=end) for place, end in ends.items()})
    finally:
        await client.close()
    stage.sent = []


async def make_anew(stage: Stage) -> None:
    """Delete the topic of orders, and make it again under its name."""
    client = AIOKafkaAdminClient(**client_options(stage.settings.kafka))
    await client.start()
    try:
        await client.delete_topics([stage.topics["order"]])
    finally:
        await client.close()
    async with administration(stage.settings.kafka) as admin:

        async def gone() -> bool:
            return not await admin.topics([stage.topics["order"]])

        await stage.until("the topic is gone", gone)
        await create(admin, stage.settings)
    stage.sent = []


async def settle(stage: Stage) -> Observed:
    """Wait until everything there is is read and published, and check what does not depend on records that are gone."""

    async def read() -> bool:
        kept = await stage.ask("select topic, partition, next_offset from salesplan.position")
        return {(row[0], row[1]): row[2] for row in kept} == await stage.ends()

    await stage.until("all is read", read)
    await stage.until_published()
    await stage.workers[-1].stop()
    found = await stage.observe()
    assert [*announcements(found), *counters(found), *offsets(found)] == []
    return found


async def refused(stage: Stage) -> str:
    """Start a worker that refuses to go on; returns what it said."""
    worker = stage.start()
    assert await worker.ends() == 1
    return worker.log.read_text()


async def test_p20_records_deleted_past_the_position_stop_the_worker(stage: Stage) -> None:
    """Retention has passed it: nothing is skipped silently, and the command that is named resolves it."""
    await stage.send(orders(dice(84), 0, 50))
    worker = stage.start()
    await stage.until_handled()
    await worker.stop()
    await stage.send(orders(dice(85), 50, 50))
    await delete_all_records(stage)
    said = await refused(stage)
    assert REFUSES in said
    assert f"`salesplan offsets reset --topic {stage.topics['order']} --to earliest --execute`" in said
    assert await stage.assigned() == PLANS * 50
    await reset(stage, "--topic", stage.topics["order"], "--to", "earliest")
    await stage.send(orders(dice(86), 100, 50))
    stage.start()
    await settle(stage)
    assert await stage.assigned() == PLANS * 100


@pytest.mark.parametrize("count", [8, 400], ids=["shorter", "longer"])
async def test_p20_a_topic_made_anew_is_refused(stage: Stage, count: int) -> None:
    """Also where by then it holds more records than the position, and reading on would go unnoticed."""
    await stage.send(orders(dice(87), 0, 100))
    worker = stage.start()
    await stage.until_handled()
    await worker.stop()
    await make_anew(stage)
    await stage.send(orders(dice(88), 60, count))
    assert f"{stage.topics['order']}: the topic was made anew" in await refused(stage)
    assert await stage.assigned() == PLANS * 100
    await reset(stage, "--topic", stage.topics["order"], "--to", "earliest")
    stage.start()
    await settle(stage)
    # Leads that had a manager kept him.
    assert await stage.assigned() == PLANS * max(100, 60 + count)


async def test_p20_a_topic_made_anew_under_a_running_worker_is_refused(stage: Stage) -> None:
    """It ends by itself, whether or not anybody else does anything."""
    await stage.send(orders(dice(89), 0, 100))
    worker = stage.start()
    await stage.until_handled()
    await make_anew(stage)
    await stage.send(orders(dice(90), 60, 400))
    assert await worker.ends() == 1
    assert f"{stage.topics['order']}: the topic was made anew" in worker.log.read_text()
    await reset(stage, "--to", "earliest")
    stage.start()
    await settle(stage)
    assert await stage.assigned() == PLANS * 460


async def test_p20_a_topic_made_anew_while_the_worker_was_frozen_is_refused(stage: Stage) -> None:
    """It wakes up as a member still, and finds more records than it has read: it reads on, but not for long."""
    await stage.send(orders(dice(94), 0, 100))
    worker = stage.start()
    await stage.until_handled()
    await stage.until_published()
    worker.freeze()
    await make_anew(stage)
    await stage.send(orders(dice(95), 60, 400))
    worker.thaw()
    assert await worker.ends() == 1
    assert f"{stage.topics['order']}: the topic was made anew" in worker.log.read_text()
    await reset(stage, "--to", "earliest")
    stage.start()
    await settle(stage)
    assert await stage.assigned() == PLANS * 460


async def test_p20_another_cluster_is_refused_before_anything_is_published(
    database_url: str, own_kafka: Callable[[], Kafka], tmp_path: Path
) -> None:
    """The rest of the outbox is not sent to the wrong cluster. After a reset it is, and so is all that comes."""
    (here, there), names = (own_kafka(), own_kafka()), environment(database_url, "")
    async with opened({**names, "KAFKA_BOOTSTRAP_SERVERS": here.bootstrap_servers}, tmp_path) as stage:
        await stage.send(orders(dice(91), 0, 100))
        worker = stage.start(**{VARIABLE: "after_commit_before_publish"})
        assert await worker.ends() != 0
        left = await stage.assigned()
        assert left

        async def free() -> bool:
            return await stage.number("select count(*) from salesplan.slot where lease_until < clock_timestamp()") == 1

        # The next worker leases that slot, and would publish what is in it.
        await stage.until("the slot of the dead worker is free", free)
    here.kill()
    moved = {**names, "KAFKA_BOOTSTRAP_SERVERS": there.bootstrap_servers}
    async with opened(moved, tmp_path) as stage:
        # More than there were: the offsets by themselves would fit.
        await stage.send(orders(dice(92), 60, 400))
        assert "another cluster" in await refused(stage)
        assert [some async for some in read_all(stage.settings.kafka, [stage.settings.topics.lead_assigned])] == []
        await reset(stage, "--to", "earliest")
        stage.start()
        found = await settle(stage)
        # What the first cluster had published nobody reads here: it had published nothing.
        assert len(found.announced) == await stage.assigned() >= left


async def test_p20_a_reset_reads_again_and_assigns_nothing_twice(stage: Stage) -> None:
    """The account of what was read before is kept beside the new one; a dead letter is one again."""
    sent = list(islice(_some(), 1000))
    await stage.send(sent)
    (worker,) = await stage.start_ready(1)
    await stage.until_handled()
    await stage.until_published()
    assigned, poison = await stage.assigned(), sum(event.poison for event in sent)
    assert poison
    dry = await stage.command("offsets", "reset", "--to", "earliest")
    assert dry.code == 0
    assert "Nothing was changed" in dry.err
    running = await stage.command("offsets", "reset", "--to", "earliest", "--execute")
    assert running.code == 1
    assert "workers are in the group" in running.err
    assert await stage.number("select count(*) from salesplan.position_past") == 0
    await worker.stop()
    await reset(stage, "--to", "earliest")
    stage.start()
    found = await settle(stage)
    assert await stage.assigned() == assigned
    assert len(found.letters) == 2 * poison
    before, after = await _account(stage, "position_past"), await _account(stage, "position")
    assert before["offsets"] == before["accounted"] == after["offsets"] == after["accounted"] == len(sent)
    assert (after["assigned"], after["dead_lettered"]) == (0, poison)
    assert after["already_assigned"] == before["already_assigned"] + before["assigned"]


def _some() -> Iterator[Event]:
    """Events of every kind; poison among them."""
    return events(dice(93), 200)


async def _account(stage: Stage, table: str) -> dict[str, int]:
    (row,) = await stage.ask(
        "select sum(next_offset - first_offset)::bigint as offsets, sum(skipped + assigned + waiting"  # noqa: S608
        " + already_assigned + no_match + contact_recorded + dead_lettered)::bigint as accounted,"
        " sum(assigned)::bigint as assigned, sum(already_assigned)::bigint as already_assigned,"
        f" sum(dead_lettered)::bigint as dead_lettered from salesplan.{table}"
    )
    return dict(row)


async def test_p20_a_database_older_than_what_it_has_published_is_refused(stage: Stage) -> None:
    """A restored copy: reading on from its positions would announce leads again, with other ids."""
    await stage.send(orders(dice(96), 0, 100))
    worker = stage.start()
    await stage.until_handled()
    await stage.until_published()
    await worker.stop()
    async with stage.database() as connection:
        await connection.execute("update salesplan.slot set sequence = 0, confirmed = 0")
    said = await refused(stage)
    assert REFUSES in said
    assert "the database is an older copy. Bring the newer one back" in said
