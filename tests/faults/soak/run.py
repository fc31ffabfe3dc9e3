"""One soak from its first event to its figures."""

from __future__ import annotations

import asyncio
from asyncio import Task, TaskGroup
from typing import Any

from tests.faults.soak import ending
from tests.faults.soak.checker import check_beside
from tests.faults.soak.monkey import attack
from tests.faults.soak.report import figures, machine
from tests.faults.soak.scene import Options, Scene, Servers, set_up
from tests.faults.soak.timeline import tell
from tests.faults.soak.watch import Watch

READY_SECONDS = 60.0


async def soak(options: Options, servers: Servers) -> dict[str, Any]:
    """Load and faults for so many seconds, then the end; returns the figures."""
    async with set_up(options, servers) as scene:
        about = machine(options, (await scene.stage.ask("show server_version"))[0][0])
        tell(about)
        watch = Watch(scene.stage, scene.sender, scene.crew, scene.timeline)
        await played(scene, watch)
        found, verified = await ending.judge(scene)
        return figures(scene, watch, found, verified, about)


async def played(scene: Scene, watch: Watch) -> None:
    """Everything that goes on side by side; the workers have stopped when this returns."""
    gone = asyncio.Event()
    async with TaskGroup() as tasks:
        keeping = tasks.create_task(scene.crew.keep(gone))
        await scene.met(scene.crew.all_ready, READY_SECONDS)
        beside: list[Task[None]] = [tasks.create_task(work) for work in (watch.look(), watch.tell())]
        pouring = tasks.create_task(scene.sender.pour(scene.over))
        attacking = tasks.create_task(attack(scene, watch))
        checking = tasks.create_task(check_beside(scene))
        await scene.rest(scene.options.seconds)
        scene.over.set()
        scene.timeline.say("over; all is healed")
        await asyncio.wait([attacking, checking])
        await ending.heal(scene)
        await pouring
        await ending.drain(scene, watch)
        gone.set()
        await keeping
        await ending.stop(scene)
        for task in beside:
            task.cancel()
