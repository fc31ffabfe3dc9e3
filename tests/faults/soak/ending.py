"""The end: everything is healed, the backlog drains, the workers stop, and both judges look at what is left."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from tests.faults.soak.checker import check
from tests.faults.soak.scene import Scene
from tests.faults.soak.watch import Watch
from tests.stage.observed import Observed
from tests.stage.violations import violations
from worker import postgres

DRAIN_SECONDS = 300.0
STILL_WAITING = """
    select count(*) from salesplan.waiting_lead w
    join salesplan.plan p using (plan_no) join salesplan.plan_version v using (plan_no, version)
    where true = any(v.active) and not v.archived
"""


async def heal(scene: Scene) -> None:
    """Whatever a fault may have left behind."""
    scene.database_way.heal()
    for worker in scene.crew.alive:
        worker.thaw()
    with suppress(*postgres.TROUBLE):
        await scene.stage.ask("select 1")
        await scene.cluster.heal()
        return
    await asyncio.to_thread(scene.postgres.restart)
    await scene.cluster.heal()


async def drain(scene: Scene, watch: Watch) -> None:
    """Until every record has an outcome, everything is published, and nobody waits who could be assigned."""

    async def drained() -> bool:
        stage = scene.stage
        return (
            watch.handled == sum((await stage.ends()).values())
            and not await stage.ask("select from salesplan.slot where confirmed < sequence")
            and not await stage.number("select count(*) from salesplan.outbox")
            and not await stage.number(STILL_WAITING)
        )

    began = scene.timeline.now
    if await scene.met(drained, DRAIN_SECONDS):
        scene.timeline.say(f"all is handled and published, {scene.timeline.now - began:.1f} s after the end")
    else:
        tails = "\n".join(f"--- worker {worker.number}\n{worker.tail()}" for worker in scene.crew.alive)
        scene.timeline.violation(f"not all is handled and published within {DRAIN_SECONDS:.0f} s\n{tails}")


async def stop(scene: Scene) -> None:
    scene.crew.tell_crashed()
    await asyncio.gather(*(scene.crew.dismiss(worker) for worker in scene.crew.alive))


async def judge(scene: Scene) -> tuple[Observed, dict[str, Any]]:
    """What is there, by the tests' oracle and by ``verify``."""
    scene.stage.sent = await scene.sender.arrived()
    found = await scene.stage.observe()
    for fault in violations(found):
        scene.timeline.violation(fault)
    return found, await check(scene, "at the end")
