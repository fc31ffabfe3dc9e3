"""Draws one fault after the other from a seeded Random, and undoes each after its time.

The same seed draws the same faults in the same order; at what moments they strike depends on the machine.
"""

from __future__ import annotations

from asyncio import TaskGroup
from collections.abc import Iterator
from contextlib import AsyncExitStack
from random import Random
from subprocess import TimeoutExpired
from typing import NamedTuple

from aiokafka.errors import KafkaError

from tests.faults.soak.crew import NobodyError
from tests.faults.soak.faults import KINDS, Kind
from tests.faults.soak.scene import Scene
from tests.faults.soak.timeline import Fault
from tests.faults.soak.watch import Watch
from worker import postgres
from worker.embedded.process import ServerFailedError

ALONE_SHARE = 0.55
CALM_SECONDS = 60.0  # for so long at most the backlog is waited for
LONGEST_PAUSE = 3.0
TROUBLE: tuple[type[BaseException], ...] = (ServerFailedError, TimeoutExpired, KafkaError, *postgres.TROUBLE)


class Drawn(NamedTuple):
    kind: Kind
    seconds: float
    pause: float
    alone: bool  # nothing else strikes until it is got over
    seed: int  # of its own choices


def draws(seed: int) -> Iterator[Drawn]:
    """For ever."""
    random = Random(seed)
    weights = [kind.weight for kind in KINDS]
    while True:
        (kind,) = random.choices(KINDS, weights)
        pause, alone = random.uniform(0, LONGEST_PAUSE), random.random() < ALONE_SHARE
        yield Drawn(kind, random.uniform(*kind.seconds), pause, alone, random.getrandbits(32))


async def attack(scene: Scene, watch: Watch) -> None:
    """Until the scene is over; then everything that was begun has been undone."""
    last_alone = False
    async with TaskGroup() as strikes:
        for drawn in draws(scene.options.seed):
            if drawn.alone or last_alone:
                await calm(scene, watch)
            last_alone = drawn.alone
            await scene.rest(drawn.pause)
            held = AsyncExitStack()
            for lock in sorted(drawn.kind.needs.split()):
                await held.enter_async_context(scene.locks[lock])
            if scene.over.is_set():
                await held.aclose()
                return
            strikes.create_task(struck(scene, watch, drawn, held))


async def calm(scene: Scene, watch: Watch) -> None:
    """Until nothing is at work and the backlog is gone, which it may not be if it takes too long."""
    waited = 0.0
    while waited < CALM_SECONDS and not watch.recovered and not scene.over.is_set():
        await scene.rest(0.5)
        waited = 0 if scene.timeline.at_work else waited + 0.5


async def struck(scene: Scene, watch: Watch, drawn: Drawn, held: AsyncExitStack) -> None:
    async with held:
        fault = scene.timeline.begin(drawn.kind.name, server=drawn.kind.server)
        try:
            await strike(scene, drawn, fault)
        except NobodyError:
            scene.timeline.say(f"{drawn.kind.name}: no worker is there for it")
            scene.timeline.faults.remove(fault)
            return
        except TROUBLE as error:
            scene.timeline.violation(f"{drawn.kind.name}: the attack itself failed: {error!r}")
        scene.timeline.end(fault, watch.handled)
        if drawn.kind.then:
            await drawn.kind.then(scene)


async def strike(scene: Scene, drawn: Drawn, fault: Fault) -> None:
    async with drawn.kind.strike(scene, Random(drawn.seed)) as whom:
        lasting = f" for {drawn.seconds:.1f} s" if drawn.seconds else ""
        beside = "" if fault.alone else ", beside others"
        scene.timeline.say(f"{drawn.kind.name}: {whom}{lasting}{beside}", at=fault.began)
        await scene.rest(drawn.seconds)
    if drawn.seconds:
        scene.timeline.say(f"{drawn.kind.name}: {whom}: over")
