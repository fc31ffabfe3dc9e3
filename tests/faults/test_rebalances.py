"""Workers that come and go while events pour in."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.upstream import events
from tests.stage.workers import WorkerProcess

UNPUBLISHED = "select sum(sequence - confirmed) from salesplan.slot"

# The long form: TEST_STORM_SECONDS=600
STORM_SECONDS = float(os.environ.get("TEST_STORM_SECONDS", "15"))
STORM_PAUSE = 3.0
MOST_WORKERS = 4


async def test_p05_workers_join_and_leave_under_load(stage: Stage) -> None:
    """Three workers of one group, one of which came later; then one leaves: each record is handled once."""
    await stage.start_ready(2)
    async with stage.load(events(dice(21), 4000), per_second=800):
        await stage.until_handled(1500)
        joined = stage.start()
        await stage.until_writing(joined)
        await stage.until_handled(1500)
        await stage.workers[0].stop()
        await stage.until_handled(1500)
    found = await stage.finish()

    assert all(worker.logged("written") for worker in stage.workers)
    assert len(found.assignments) > 1000


@pytest.mark.timeout(300 + STORM_SECONDS)
async def test_p05_a_storm_of_rebalances_loses_and_doubles_nothing(stage: Stage) -> None:
    """Every three seconds a worker comes, or one goes: when asked to, or killed."""
    storm = dice(23)
    await stage.start_ready(2)
    async with stage.load(events(dice(24), int(1000 + 100 * STORM_SECONDS)), per_second=400):
        over = time.monotonic() + STORM_SECONDS
        while time.monotonic() < over:
            alive = [worker for worker in stage.workers if worker.alive]
            if len(alive) <= 1 or (len(alive) < MOST_WORKERS and storm.random() < 0.5):
                stage.start()
            else:
                await leave(storm.choice(alive), killed=storm.random() < 0.5)
            await asyncio.sleep(STORM_PAUSE)
        for worker in stage.workers:
            if worker.alive:
                await stage.until_ready(worker)
    await stage.finish()


async def leave(worker: WorkerProcess, *, killed: bool) -> None:
    """One that is not up yet does not listen to signals."""
    if killed or not worker.logged("session"):
        worker.kill()
    else:
        await worker.stop()


async def test_p25_a_worker_that_is_asked_to_stop_leaves_nothing_unpublished(stage: Stage) -> None:
    """SIGTERM in the middle of the load: it ends with 0 and all it has committed is out; the next one goes on."""
    random = dice(22)
    async with stage.load(events(random, 4000), per_second=1200):
        for _ in range(3):
            worker = stage.start(SALESPLAN_INTAKE__MAX_BATCH="50")
            await stage.until_writing(worker)
            await asyncio.sleep(random.random())
            await worker.stop()
            unpublished = (
                "select (select count(*) from salesplan.outbox) + sum(sequence - confirmed) from salesplan.slot"
            )
            assert await stage.number(unpublished) == 0
    stage.start()
    await stage.finish()
