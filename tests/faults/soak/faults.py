"""Each kind of fault: what begins it, and after its time ends it. In between it tells whom it has hit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from random import Random
from typing import NamedTuple

from tests.faults.cluster import NODES
from tests.faults.proxy import Proxy
from tests.faults.soak.scene import Scene
from tests.stage.topics import limit
from tests.stage.upstream import ACME, ANOTHER, GLOBEX, NEWCOMER, moved
from tests.support.clock import set_clock

READY_SECONDS = 60.0
HOUR = 3600.0
FILES = (ACME, NEWCOMER, moved(ACME), moved(NEWCOMER), ANOTHER, GLOBEX.replace("otto, anna", "otto, anna, pia"), GLOBEX)
SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = any($1)"
APPLICATIONS = ("salesplan", "salesplan-batches", "salesplan-plans")
ACTIVE = """
    select v.managers, v.active from salesplan.plan p join salesplan.plan_version v using (plan_no, version)
    where p.account_id = 'acme' and p.plan_id = $1
"""

Strike = AsyncIterator[str]


@asynccontextmanager
async def worker_killed(scene: Scene, draw: Random) -> Strike:
    async with scene.crew.one(draw) as worker:
        worker.kill()
        yield f"worker {worker.number}"


@asynccontextmanager
async def worker_frozen(scene: Scene, draw: Random) -> Strike:
    """One in five never wakes."""
    async with scene.crew.one(draw) as worker:
        worker.freeze()
        yield f"worker {worker.number}"
        if draw.random() < 0.2:
            worker.kill()
        worker.thaw()


@asynccontextmanager
async def worker_stopped(scene: Scene, draw: Random) -> Strike:
    async with scene.crew.one(draw) as worker:
        await scene.crew.dismiss(worker)
        yield f"worker {worker.number}"


@asynccontextmanager
async def rolling_restart(scene: Scene, draw: Random) -> Strike:
    """Each is asked to end when the one before it has been replaced."""
    restarted = 0
    for _ in scene.crew.alive:
        async with scene.crew.one(draw) as worker:
            await scene.crew.dismiss(worker)
        restarted += 1
        await scene.met(scene.crew.all_ready, READY_SECONDS)
    yield f"{restarted} workers"


@asynccontextmanager
async def broker_stopped(scene: Scene, draw: Random) -> Strike:
    node = draw.choice(NODES)
    await asyncio.to_thread(scene.cluster.stop, node)
    yield f"node {node}"
    await asyncio.to_thread(scene.cluster.start, node)


@asynccontextmanager
async def broker_killed(scene: Scene, draw: Random) -> Strike:
    node = draw.choice(NODES)
    await asyncio.to_thread(scene.cluster.kill, node)
    yield f"node {node}"
    await asyncio.to_thread(scene.cluster.start, node)


@asynccontextmanager
async def broker_frozen(scene: Scene, draw: Random) -> Strike:
    node = draw.choice(NODES)
    scene.cluster.freeze(node)
    yield f"node {node}"
    scene.cluster.thaw(node)


@asynccontextmanager
async def brokers_frozen_workers_killed(scene: Scene, draw: Random) -> Strike:
    """Workers commit and can't publish, and die of it."""
    for node in NODES:
        scene.cluster.freeze(node)
    yield "all of both"
    for worker in scene.crew.alive:
        worker.kill()
    for node in NODES:
        scene.cluster.thaw(node)


@asynccontextmanager
async def two_brokers_down(scene: Scene, draw: Random) -> Strike:
    pair = draw.sample(NODES, 2)
    await asyncio.to_thread(scene.cluster.kill, *pair)
    yield f"nodes {pair}"
    await asyncio.to_thread(scene.cluster.start, *pair)


@asynccontextmanager
async def postgres_killed(scene: Scene, draw: Random) -> Strike:
    await asyncio.to_thread(scene.postgres.kill)
    yield "kill -9"
    await asyncio.to_thread(scene.postgres.restart)


@asynccontextmanager
async def postgres_stopped(scene: Scene, draw: Random) -> Strike:
    await asyncio.to_thread(scene.postgres.stop)
    yield "in order"
    await asyncio.to_thread(scene.postgres.restart)


@asynccontextmanager
async def sessions_ended(scene: Scene, draw: Random) -> Strike:
    which = draw.choice([[name] for name in APPLICATIONS] + [list(APPLICATIONS)])
    await scene.edit(lambda: scene.stage.ask(SESSIONS, which))
    yield ", ".join(which)


@asynccontextmanager
async def plans_edited(scene: Scene, draw: Random) -> Strike:
    """A newcomer, an LGT that moves, one more plan, and back again."""
    number = draw.randrange(len(FILES))
    await scene.edit(lambda: scene.stage.apply(FILES[number]))
    yield f"file {number}"


@asynccontextmanager
async def manager_paused(scene: Scene, draw: Random) -> Strike:
    plan, manager = draw.choice([("spring", "boris"), ("rescue", "emil"), ("upsell", "gita"), ("upsell", "boris")])
    await scene.edit(lambda: scene.stage.set_paused(plan, manager, paused=True))
    yield f"{manager} in {plan}"
    await scene.edit(lambda: scene.stage.set_paused(plan, manager, paused=False))


@asynccontextmanager
async def plan_deserted(scene: Scene, draw: Random) -> Strike:
    """Everybody is paused, and leads wait; then one after the other is back."""
    plan = draw.choice(["spring", "rescue", "upsell"])
    active: list[str] = []

    async def read() -> None:
        ((managers, switches),) = await scene.stage.ask(ACTIVE, plan)
        active[:] = [manager for manager, on in zip(managers, switches, strict=True) if on]

    await scene.edit(read)
    for paused in (True, False):
        for manager in active:
            await scene.edit(partial(scene.stage.set_paused, plan, manager, paused=paused))
        if paused:
            yield f"{', '.join(active)} in {plan}"


@asynccontextmanager
async def night_opened(scene: Scene, draw: Random) -> Strike:
    """The one manager of a plan whose leads have waited all along."""
    await scene.edit(lambda: scene.stage.set_paused("night", "rosa", paused=False))
    yield "rosa in night"
    await scene.edit(lambda: scene.stage.set_paused("night", "rosa", paused=True))


@asynccontextmanager
async def clock_set(scene: Scene, draw: Random) -> Strike:
    """The database's clock jumps, mostly back, and later to where it was."""
    ahead = draw.choice([-HOUR, -HOUR, HOUR])
    await scene.edit(lambda: set_clock(scene.postgres.dsn(), ahead))
    yield "an hour back" if ahead < 0 else "an hour ahead"
    await scene.edit(lambda: set_clock(scene.postgres.dsn(), 0))


@asynccontextmanager
async def limit_lowered(scene: Scene, draw: Random) -> Strike:
    """Somebody takes a topic for too generous: large letters do not fit any more, or no announcement at all."""
    settings = scene.stage.settings
    letters = [settings.topics.dead_letters(name) for name in settings.topics.inputs]
    output = settings.topics.lead_assigned
    topic, size = draw.choice([*((name, 20_000) for name in letters), (output, 20_000), (output, 600)])
    await limit(settings, topic, size)
    yield f"{topic} takes {size} bytes"
    await limit(settings, topic, None)


def network(switch: Callable[[Proxy, Random], None]) -> Callable[[Scene, Random], AbstractAsyncContextManager[str]]:
    """Between workers and one broker, all brokers, or Postgres."""

    @asynccontextmanager
    async def struck(scene: Scene, draw: Random) -> Strike:
        brokers = scene.cluster.proxies
        which, ways = draw.choice(
            [*((f"broker {node}", [brokers[node]]) for node in NODES), ("all brokers", list(brokers))]
            + [("Postgres", [scene.database_way])] * 2
        )
        for way in ways:
            await asyncio.to_thread(switch, way, draw)
        yield f"to {which}"
        for way in ways:
            await asyncio.to_thread(way.heal)

    return struck


def stall(way: Proxy, _: Random) -> None:
    way.stall()


def cut(way: Proxy, _: Random) -> None:
    way.cut()


def refuse(way: Proxy, _: Random) -> None:
    """Refuse as a machine that is gone: open connections are reset as well."""
    way.refuse()
    way.cut()


def delay(way: Proxy, draw: Random) -> None:
    way.delay(draw.uniform(0.05, 0.5))


async def whole(scene: Scene) -> None:
    await scene.cluster.until_whole()


class Kind(NamedTuple):
    name: str
    weight: int
    seconds: tuple[float, float]  # how long it lasts
    needs: str  # locks: kinds that share one never overlap
    server: bool  # whether a server, or the way to it, is away
    strike: Callable[[Scene, Random], AbstractAsyncContextManager[str]]
    then: Callable[[Scene], Awaitable[None]] | None = None  # before the next of its kind


KINDS = (
    Kind("worker killed", 14, (0, 0), "", False, worker_killed),
    Kind("worker frozen", 12, (1, 25), "", False, worker_frozen),
    Kind("worker stopped", 8, (0, 0), "stops", False, worker_stopped),
    Kind("rolling restart", 3, (0, 0), "stops", False, rolling_restart),
    Kind("broker stopped", 4, (0.5, 10), "brokers", True, broker_stopped, whole),
    Kind("broker killed", 4, (0.5, 10), "brokers", True, broker_killed, whole),
    Kind("broker frozen", 5, (0.3, 5), "brokers", True, broker_frozen, whole),
    Kind("brokers frozen, workers killed", 3, (0.3, 1.5), "brokers stops", True, brokers_frozen_workers_killed, whole),
    Kind("two brokers down", 1, (10, 60), "brokers", True, two_brokers_down, whole),
    Kind("Postgres killed", 4, (0.5, 10), "postgres", True, postgres_killed),
    Kind("Postgres stopped", 2, (1, 30), "postgres", True, postgres_stopped),
    Kind("sessions ended", 5, (0, 0), "", False, sessions_ended),
    Kind("plans edited", 6, (0, 0), "plans", False, plans_edited),
    Kind("manager paused", 4, (1, 10), "plans", False, manager_paused),
    Kind("plan deserted", 4, (2, 20), "plans", False, plan_deserted),
    Kind("night opened", 2, (2, 20), "plans", False, night_opened),
    Kind("topic's limit lowered", 6, (3, 25), "limits brokers", False, limit_lowered),
    Kind("database's clock set", 5, (5, 60), "clock", False, clock_set),
    Kind("network stalled", 5, (1, 20), "network", True, network(stall)),
    Kind("network cut", 5, (0, 0), "network", True, network(cut)),
    Kind("network refused", 3, (1, 10), "network", True, network(refuse)),
    Kind("network delayed", 4, (2, 15), "network", True, network(delay)),
)
