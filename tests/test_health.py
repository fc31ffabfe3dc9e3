"""Whether the worker lives: what is stuck is told from what waits, without asking a server."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http.client import HTTPConnection
from types import SimpleNamespace
from typing import Any, cast

from tests.command import salesplan
from tests.stage.environment import outside
from worker.embedded.ports import HOST, free_port
from worker.intake.brake import Brake
from worker.ledger.answer import Written
from worker.plans.book import CachedBook
from worker.records.message import Message
from worker.rules.batch import Fetched
from worker.run.health import STUCK_AFTER, Health, Heart, served
from worker.run.pipeline import Pipeline
from worker.run.tally import Tally
from worker.settings import Ops, Settings


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Input:
    """An intake that has one record, and then no more."""

    generation, joined, readable = 0, True, True

    def __init__(self, clock: Clock) -> None:
        self.polls = asyncio.Queue[None]()
        self._clock = clock
        self._left = [Fetched([cast(Any, Record())], {("order", 0): 0})]

    async def poll(self, _: object) -> list[Fetched]:
        await asyncio.sleep(0)
        self._clock.now += STUCK_AFTER / 10
        self.polls.put_nowait(None)
        left, self._left = self._left, []
        return left

    def written(self, _: object) -> None:
        pass


class Record:
    topic, partition, offset, value, headers = "order", 0, 0, b"{", ()


class StuckLedger:
    """Never comes to an end with a batch."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def write(self, *_: object) -> None:
        self.begun.set()
        await asyncio.Event().wait()


class OneMessage:
    """A ledger whose batches are one message each."""

    async def write(self, *_: object) -> Written:
        return Written(Counter(), 1, [Message.of("lead-assigned", None, b"lead", b"{}", ())], [], [], [], 0.0)


class StuckPublisher:
    """Never comes to an end with a row."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def publish(self, *_: object) -> None:
        self.begun.set()
        await asyncio.Event().wait()


def pipeline(
    intake: Input, ledger: object, health: Health, brake: Brake, publisher: StuckPublisher | None = None
) -> Pipeline:
    settings = Settings()
    tally = Tally(settings)
    nobody = cast(Any, None)
    return Pipeline(
        settings=settings,
        intake=cast(Any, intake),
        pool=nobody,
        book=CachedBook(tally.book_seen),
        ledger=cast(Any, ledger),
        slot=cast(Any, SimpleNamespace(sequence=0)),
        publisher=cast(Any, publisher),
        brake=brake,
        health=health,
        tally=tally,
    )


@asynccontextmanager
async def running(made: Pipeline, stop: asyncio.Event) -> AsyncIterator[None]:
    task = asyncio.create_task(made.run(stop))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not met():  # noqa: ASYNC110 -- what is waited for tells nobody
            await asyncio.sleep(0.01)


async def polls(intake: Input, count: int) -> None:
    for _ in range(count):
        await intake.polls.get()


async def test_a_batch_that_never_ends_is_a_stuck_loop() -> None:
    clock = Clock()
    health, ledger = Health(heart=Heart(clock)), StuckLedger()
    async with running(pipeline(Input(clock), ledger, health, Brake(100, 1, 100)), asyncio.Event()):
        await ledger.begun.wait()
        assert not health.heart.stuck
        clock.now += STUCK_AFTER + 1
        assert health.heart.stuck


async def test_publishing_that_never_ends_is_a_stuck_loop_although_others_turn() -> None:
    """Polling goes on all the while, and finds nothing more: that must not hide it."""
    clock = Clock()
    health, intake, publisher = Health(heart=Heart(clock)), Input(clock), StuckPublisher()
    async with running(pipeline(intake, OneMessage(), health, Brake(100, 1, 100), publisher), asyncio.Event()):
        await publisher.begun.wait()
        assert not health.heart.stuck
        await polls(intake, 20)
        assert health.heart.stuck


async def test_who_has_nothing_to_do_lives() -> None:
    clock = Clock()
    health, intake = Health(heart=Heart(clock)), Input(clock)
    await intake.poll(None)
    async with running(pipeline(intake, StuckLedger(), health, Brake(100, 1, 100)), asyncio.Event()):
        await polls(intake, 40)
        assert not health.heart.stuck


async def test_who_was_stopped_by_the_brake_lives() -> None:
    """He reads nothing more, and is not ready, until somebody restarts him: a restart by itself helps nobody."""
    clock = Clock()
    health, intake = Health(heart=Heart(clock)), Input(clock)
    made = pipeline(intake, StuckLedger(), health, Brake(1, 1, 100))
    async with running(made, asyncio.Event()):
        await until(lambda: not health.brake)
        clock.now += STUCK_AFTER + 1
        assert health.heart.stuck
        await until(lambda: not health.heart.stuck)


async def test_livez_fails_when_the_loop_is_stuck_and_readyz_does_not_care() -> None:
    """One tells whether a restart would help, the other whether it can work."""
    clock = Clock()
    health = Health(True, True, True, True, True, True, heart=Heart(clock))
    port = free_port()
    async with served(health, Tally(Settings()).metrics, Ops(host=HOST, port=port)):
        assert [await status(port, path) for path in ("/livez", "/readyz", "/metrics")] == [200, 200, 200]
        clock.now += STUCK_AFTER + 1
        assert [await status(port, path) for path in ("/livez", "/readyz", "/metrics")] == [503, 200, 200]
        health.heart.beat()
        health.database = False
        assert [await status(port, path) for path in ("/livez", "/readyz", "/metrics")] == [200, 503, 200]


async def test_a_port_that_is_taken_is_told_with_the_settings_to_change() -> None:
    """As when a second worker is started on the machine; no server is needed to know it."""
    port, nobody = free_port(), f"postgresql://{HOST}:{free_port()}"
    with socket.create_server((HOST, port)):
        ended = await salesplan({**outside(), "SALESPLAN_OPS__PORT": str(port), "DATABASE_URL": nobody}, "run")
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
