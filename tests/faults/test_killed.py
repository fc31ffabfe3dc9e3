"""Workers that die without a word, at any place and at any time."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stage.environment import dice, environment
from tests.stage.group import expel_all
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from worker import failpoint
from worker.embedded import Kafka

TAKE_OVER_SECONDS = 30
ROUNDS = int(os.environ.get("TEST_ROUNDS", "1"))  # how often each failpoint is visited
SMALL = {"SALESPLAN_INTAKE__MAX_BATCH": "50"}


async def test_p01_killed_at_every_step_nothing_is_lost_or_doubled(stage: Stage) -> None:
    """One worker after the other dies at each place between fetch and mark, always with load; the last one goes on."""
    places = [name for name in failpoint.NAMES if name != "in_take_over"]  # see the next test
    async with stage.load(events(dice(11), 6000), per_second=400):
        for name in places * ROUNDS:
            await die_at(stage, name)
    await stage.start_ready(1, **SMALL)
    await stage.finish()


@pytest.mark.parametrize("place", ["in_revoke:2", "in_assign:2", "before_seek:2", "in_take_over"])
async def test_p01_killed_while_taking_over_from_another(stage: Stage, place: str) -> None:
    """One dies and leaves something unpublished; the next dies in the rebalance, or with the slot it takes over."""
    async with stage.load(events(dice(12), 6000), per_second=400):
        (heir,) = await stage.start_ready(1, SALESPLAN_FAILPOINT=place, **SMALL)
        await die_at(stage, "after_commit_before_publish")
        await stage.until_gone(heir)
        await expel_all(stage.settings.kafka.bootstrap_servers, stage.settings.kafka.group_id)
        await stage.start_ready(1, **SMALL)
        await stage.until_handled(200)
    await stage.finish()


async def die_at(stage: Stage, place: str) -> None:
    """A worker reaches the place and is no more; the group does not wait for it."""
    worker = stage.start(SALESPLAN_FAILPOINT=place, **SMALL)
    await stage.until_gone(worker)
    await expel_all(stage.settings.kafka.bootstrap_servers, stage.settings.kafka.group_id)


async def test_p02_what_killed_workers_left_is_published_by_others(stage: Stage) -> None:
    """kill -9 of three in the middle of the load: nothing is lost, doubled or repeated, and all is out within 30 s."""
    random = dice(31)
    running = await stage.start_ready(4, SALESPLAN_INTAKE__MAX_BATCH="50")
    async with stage.load(events(random, 6000), per_second=1200):
        for worker in running:
            await stage.until_writing(worker)
        for _ in range(3):
            await asyncio.sleep(random.random())
            running.pop(random.randrange(len(running))).kill()
        newcomer = stage.start()
    await stage.until_published(TAKE_OVER_SECONDS)
    await stage.finish()

    rebalances = len(newcomer.logged("sought")) - len(newcomer.logged("positions_moved"))
    assert rebalances == 1, "the group has not come to rest at once"


async def test_p26_nothing_is_repeated_after_the_broker_froze_and_workers_died(
    database_url: str, own_kafka: Callable[[], Kafka], tmp_path: Path
) -> None:
    """The broker freezes, workers commit and can't publish, all are killed, the broker wakes, others start."""
    random = dice(32)
    kafka = await asyncio.to_thread(own_kafka)
    names = environment(database_url, kafka.bootstrap_servers, SALESPLAN_INTAKE__MAX_BATCH="50")
    async with opened(names, tmp_path) as stage:
        async with stage.load(events(random, 6000), per_second=1000):
            for _ in range(3):
                for worker in await stage.start_ready(2):
                    await stage.until_writing(worker)
                await asyncio.sleep(random.random())
                os.kill(kafka.pid, signal.SIGSTOP)
                await asyncio.sleep(0.3 + random.random())
                stage.clear()
                os.kill(kafka.pid, signal.SIGCONT)
                await expel_all(kafka.bootstrap_servers, stage.settings.kafka.group_id)
        await stage.start_ready(2)
        await stage.finish()
