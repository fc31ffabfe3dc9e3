"""A worker's life: a stuck one is told from one that waits, without asking a server."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable
from http.client import HTTPConnection

from tests.support.command import salesplan_on
from tests.support.fakes import Clock, Stages
from worker.embedded.ports import HOST, free_port
from worker.intake.brake import Brake
from worker.run.health import STUCK_AFTER, Health, Heart, serve_probes
from worker.run.measurements import Measurements
from worker.settings import Ops, Settings


class Polls:
    """The cost of an intake's polls: each takes a tenth of the time after which a loop counts as stuck."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ended = asyncio.Queue[None]()

    def __call__(self) -> None:
        self._clock.now += STUCK_AFTER / 10
        self._ended.put_nowait(None)

    async def pass_by(self, count: int) -> None:
        for _ in range(count):
            await self._ended.get()


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not met():  # noqa: ASYNC110 -- what is waited for tells nobody
            await asyncio.sleep(0.01)


async def test_a_batch_that_never_ends_is_a_stuck_loop() -> None:
    clock = Clock()
    stages = Stages([[1]], Health(heart=Heart(clock)), each_poll=Polls(clock))
    stages.ledger.open.clear()
    async with stages.running():
        await stages.ledger.begun.wait()
        assert not stages.health.heart.stuck
        clock.now += STUCK_AFTER + 1
        assert stages.health.heart.stuck


async def test_publishing_that_never_ends_is_a_stuck_loop_although_others_turn() -> None:
    """Polling goes on all the while, and finds nothing more: that must not hide it."""
    clock = Clock()
    polls = Polls(clock)
    stages = Stages([[1]], Health(heart=Heart(clock)), each_poll=polls)
    async with stages.running():
        await stages.publisher.begun.wait()
        assert not stages.health.heart.stuck
        await polls.pass_by(20)
        assert stages.health.heart.stuck


def test_who_is_held_up_by_a_server_that_says_so_lives() -> None:
    """Until the time that it told is over, and as long again as for anybody; what else turns makes it no shorter."""
    clock = Clock()
    heart = Heart(clock)
    heart.held_up(600)
    with heart.working():
        clock.now += 1
    clock.now += 599 + STUCK_AFTER
    assert not heart.stuck
    clock.now += 1
    assert heart.stuck


async def test_who_has_nothing_to_do_lives() -> None:
    clock = Clock()
    polls = Polls(clock)
    stages = Stages([], Health(heart=Heart(clock)), each_poll=polls)
    async with stages.running():
        await polls.pass_by(40)
        assert not stages.health.heart.stuck


async def test_who_was_stopped_by_the_brake_lives() -> None:
    """He reads nothing more, and is not ready, until somebody restarts him: a restart by itself helps nobody."""
    clock = Clock()
    stages = Stages([[1]], Health(heart=Heart(clock)), Brake(1, 1, 100), Polls(clock))
    async with stages.running():
        await until(lambda: not stages.health.brake)
        clock.now += STUCK_AFTER + 1
        assert stages.health.heart.stuck
        await until(lambda: not stages.health.heart.stuck)


async def test_livez_fails_when_the_loop_is_stuck_and_readyz_does_not_care() -> None:
    """One tells whether a restart would help, the other whether it can work."""
    clock = Clock()
    health = Health(True, True, True, True, True, True, heart=Heart(clock))
    port = free_port()
    async with serve_probes(health, Measurements(Settings()).metrics, Ops(host=HOST, port=port)):
        assert [await status(port, path) for path in ("/livez", "/readyz", "/metrics")] == [200, 200, 200]
        clock.now += STUCK_AFTER + 1
        assert [await status(port, path) for path in ("/livez", "/readyz", "/metrics")] == [503, 200, 200]
        health.heart.beat()
        health.database = False
        assert [await status(port, path) for path in ("/livez", "/readyz", "/metrics")] == [200, 503, 200]


async def test_a_port_that_is_taken_is_told_with_the_settings_to_change() -> None:
    """The port is taken when a second worker starts on the machine. No server is needed to know it."""
    port, nobody = free_port(), f"postgresql://{HOST}:{free_port()}"
    with socket.create_server((HOST, port)):
        ended = await salesplan_on(nobody, "run", SALESPLAN_OPS__PORT=str(port))
    assert (ended.code, ended.out) == (78, "")
    assert ended.err == (
        f"The probes: can't listen on {HOST}, port {port}: {os.strerror(errno.EADDRINUSE)}; "
        "choose another by SALESPLAN_OPS__HOST and SALESPLAN_OPS__PORT (0 = any that is free)\n"
    )


async def status(port: int, path: str) -> int:
    def ask() -> int:
        connection = HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    return await asyncio.to_thread(ask)
