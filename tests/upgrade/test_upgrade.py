"""The release before and this one side by side on the schema of this one, while events arrive."""

from __future__ import annotations

import subprocess
import sys

from tests.stage.environment import dice
from tests.stage.group import expel_all
from tests.stage.stage import Stage
from tests.stage.upstream import events
from tests.stage.workers import WorkerProcess
from tests.upgrade.conftest import Environment, run

LEADS = 6000
PER_SECOND = 400
SMALL = {"SALESPLAN_INTAKE__MAX_BATCH": "50"}
LEAVES_A_BATCH = {"SALESPLAN_FAILPOINT": "after_commit_before_publish", **SMALL}


def test_the_release_before_is_what_runs(before: Environment) -> None:
    """Not today's worker, which is installed and would make every test here pass."""
    ask = [
        sys.executable,
        "-c",
        "import contracts, db, worker; print(contracts.__path__, db.__path__, worker.__path__)",
    ]
    found = subprocess.run(ask, env=dict(before), check=True, capture_output=True, text=True).stdout
    assert found.count(before["PYTHONPATH"]) == 3, found


async def test_workers_are_replaced_one_by_one(stage: Stage, before: Environment) -> None:
    """Migrate while the old ones write, let new ones join, end the old ones; the last of them leaves a batch behind."""
    old = await stage.start_ready(2, **before, **SMALL)
    async with stage.load(events(dice(61), LEADS), PER_SECOND):
        await until_all_write(stage, *old)
        await run(stage, "migrate")
        await until_all_write(stage, *old)
        new = await stage.start_ready(2, **SMALL)
        await until_all_write(stage, *old, *new)
        for worker in old:
            await worker.stop()
            await until_all_write(stage, *new)
        await leave_a_batch(stage, **before)
        await until_taken_over(stage, *new)
        await until_all_write(stage, *new)
    await stage.finish()
    assert not any(worker.logged("partitions_unattended") for worker in new), "the old ones are taken for strangers"


async def test_the_worker_is_rolled_back_and_the_schema_stays(stage: Stage, before: Environment) -> None:
    """A new one leaves a batch behind, and the old ones publish it and go on; plans are changed by either release."""
    await run(stage, "migrate")
    (new,) = await stage.start_ready(1, **SMALL)
    async with stage.load(events(dice(62), LEADS), PER_SECOND):
        await until_all_write(stage, new)
        await new.stop()
        await leave_a_batch(stage)
        old = await stage.start_ready(2, **before, **SMALL)
        await until_taken_over(stage, *old)
        await until_all_write(stage, *old)
        for release, change in ((before, "pause"), ({}, "resume")):
            await run(stage, "plans", change, "spring", "anna", "--account", "acme", "--execute", **release)
            await until_all_write(stage, *old)
    await stage.finish()


async def until_all_write(stage: Stage, *workers: WorkerProcess) -> None:
    """Until each of them has written a batch from now on."""
    counts = [(worker, len(worker.logged("written"))) for worker in workers]

    async def written() -> bool:
        return all(len(worker.logged("written")) > count for worker, count in counts)

    await stage.until(f"workers {[worker.number for worker in workers]} write", written)


async def leave_a_batch(stage: Stage, **release: str) -> None:
    """A worker of this release joins, commits a batch and is killed before it has published it."""
    worker = stage.start(**release, **LEAVES_A_BATCH)
    await stage.until_gone(worker)
    await expel_all(stage.settings.kafka.bootstrap_servers, stage.settings.kafka.group_id)


async def until_taken_over(stage: Stage, *workers: WorkerProcess) -> None:
    """Until one of them has begun to publish what another release has left; ``finish`` sees whether it could."""

    async def publishing() -> bool:
        return any(worker.logged("publishing_rest") for worker in workers)

    await stage.until("what was left behind is taken over", publishing)
