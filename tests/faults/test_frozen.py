"""Workers that sleep past their time: each is replaced, and can neither write nor publish what is not its own."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.stage.environment import dice
from tests.stage.frozen import LOCK_SECONDS, start_freezing, until_its_locks_are_free
from tests.stage.group import expel_all
from tests.stage.stage import Stage
from tests.stage.upstream import event, events
from tests.stage.workers import WorkerProcess

SMALL_BATCHES = {"SALESPLAN_INTAKE__MAX_BATCH": "20"}
TINY_BATCHES = {"SALESPLAN_INTAKE__MAX_BATCH": "10"}
SLEEPS = (
    "before_seek",
    "after_fetch",
    "after_lock",
    "before_commit",
    "after_commit_before_publish",
    "before_publish_commit",
    "after_publish_before_confirm",
    "after_lease",
)
IDLE_SECONDS = 8  # as long as the server looks on, and less than any transaction may take
IDLE = "select state = 'idle' from pg_stat_activity where pid = $1"
UNPUBLISHED = """
    select (select state from pg_stat_activity where pid = $1) = 'idle'
       and exists (select from salesplan.slot where confirmed < sequence)
"""


async def freeze_when(stage: Stage, worker: WorkerProcess, batches: int, condition: str) -> None:
    """Freeze the worker at a moment in which the condition about its connection holds."""

    async def frozen() -> bool:
        worker.freeze()
        await asyncio.sleep(0.1)  # whatever the server was doing for it ends
        if await stage.number(condition, batches):
            return True
        worker.thaw()
        return False

    await stage.until(f"worker {worker.number} is frozen where {condition}", frozen)


async def test_p03_a_worker_that_slept_past_its_session_is_fenced_and_comes_back(stage: Stage) -> None:
    """Frozen with records in hand until another has handled them: it drops them, and works on.

    They match no plan and so leave nothing to publish: there is no slot to be lost, the positions alone fence it.
    """
    random = dice(41)
    sleeper = (await stage.start_ready(1, **TINY_BATCHES))[0]
    batches = await stage.batches()
    await stage.start_ready(1, **TINY_BATCHES)
    await stage.send(event(random, "order", f"lead-{n}", offer_id="unknown") for n in range(20000))
    await freeze_when(stage, sleeper, batches, IDLE)
    assert await stage.handled() < len(stage.sent)
    await stage.until_handled()
    sought, written = len(sleeper.logged("sought")), len(sleeper.logged("written"))
    sleeper.thaw()

    async def is_back() -> bool:
        # What nobody else has taken it may write before it notices; sooner or later it seeks anew.
        return len(sleeper.logged("sought")) > sought and len(sleeper.logged("written")) > written

    async with stage.load(events(random, 4000), per_second=500):
        await stage.until("it has sought its positions anew, and writes again", is_back)
    await stage.finish()


async def test_p04_a_worker_frozen_before_its_statement_does_not_keep_its_locks(stage: Stage) -> None:
    """The plans it had locked go on within ten seconds, and what it was about to write is undone."""
    flood = events(dice(42), 4000)
    sleeper = (await stage.start_ready(1))[0]
    batches = await stage.batches()
    await stage.start_ready(1)
    async with stage.database() as somebody, somebody.transaction():
        await somebody.execute("select from salesplan.plan_counter for update")
        async with stage.load(flood, per_second=1000):
            await stage.until_blocked(batches)
            sleeper.freeze()
    began = time.monotonic()
    async with stage.load(flood, per_second=200):
        await stage.until_handled(200)
        assert time.monotonic() - began < LOCK_SECONDS
    sleeper.thaw()
    await stage.finish()

    assert sleeper.logged("session_over")


@pytest.mark.parametrize("place", ["after_lock", "in_copy", "before_commit"])
async def test_p04_a_worker_frozen_in_its_transaction_does_not_keep_its_locks(stage: Stage, place: str) -> None:
    """Between statements and in the middle of one, where the server's own timeouts do not help."""
    sleeper = await start_freezing(stage, place, **SMALL_BATCHES)
    async with stage.load(events(dice(44), 4000), per_second=400):
        await stage.until_gone(sleeper)
        await until_its_locks_are_free(stage)
        sleeper.thaw()
    await stage.finish()

    assert sleeper.logged("session_over")


async def test_p04_a_lone_worker_frozen_in_its_transaction_does_not_keep_its_locks(stage: Stage) -> None:
    """No other worker is there to end its session: the server does, and plans can be changed."""
    sleeper = stage.start(SALESPLAN_FAILPOINT="after_lock:5:freeze", **SMALL_BATCHES)
    await stage.until_ready(sleeper)
    random = dice(46)
    await stage.send(event(random, "order", f"lead-{number}") for number in range(400))
    await stage.until_gone(sleeper)
    async with asyncio.timeout(IDLE_SECONDS), stage.database() as editor:
        await editor.execute("set lock_timeout = 0")
        held = await editor.fetchval("select count(*) from salesplan.plan_counter") - len(
            await editor.fetch("select from salesplan.plan_counter for update skip locked")
        )
        await editor.execute("select from salesplan.plan_counter for update")
    assert held > 0
    sleeper.thaw()
    await stage.finish()


async def test_p03_frozen_at_every_step_and_replaced_nobody_writes_or_publishes_a_second_time(stage: Stage) -> None:
    """One worker at each place between fetch and mark sleeps until others have taken its work; then all wake."""
    async with stage.load(events(dice(45), 6000), per_second=300):
        for place in SLEEPS:
            sleeper = stage.start(SALESPLAN_FAILPOINT=f"{place}:freeze", **SMALL_BATCHES)
            await stage.until_gone(sleeper)
            await expel_all(stage.settings.kafka.bootstrap_servers, stage.settings.kafka.group_id)
        sleepers = list(stage.workers)
        await stage.start_ready(1, **SMALL_BATCHES)
        await stage.until_handled(500)
        for sleeper in sleepers:
            sleeper.thaw()
        for sleeper in sleepers:
            await stage.until_ready(sleeper)
    await stage.finish()


async def test_p27_a_worker_that_slept_past_its_lease_publishes_nothing_more_from_its_slot(stage: Stage) -> None:
    """Another takes the slot over and publishes what is in it; the sleeper leases anew."""
    flood = events(dice(43), 6000)
    sleeper = (await stage.start_ready(1, **SMALL_BATCHES))[0]
    batches = await stage.batches()
    await stage.start_ready(1, **SMALL_BATCHES)
    slot = sleeper.logged("session")[-1]

    async def taken_over() -> bool:
        epoch = await stage.number("select epoch from salesplan.slot where number = $1", slot["slot"])
        return epoch > int(slot["epoch"])

    async with stage.load(flood, per_second=1500):
        await stage.until_handled(1000)
        await freeze_when(stage, sleeper, batches, UNPUBLISHED)
        await stage.until("its slot is taken over", taken_over)
        left = await stage.number("select sequence from salesplan.slot where number = $1", slot["slot"])
        sleeper.thaw()
        await stage.until("it leases anew", lambda: asyncio.sleep(0, len(sleeper.logged("session")) > 1))
    await stage.finish()

    anew = sleeper.logged("session")[1]["timestamp"]
    written = [line["sequence"] for line in sleeper.logged("written") if line["timestamp"] < anew]
    assert max(filter(None, written)) <= left
