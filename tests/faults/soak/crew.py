"""The workers: so many are wanted, and whoever is gone is replaced."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import orjson
from psutil import NoSuchProcess, Process

from tests.faults.soak.timeline import Timeline
from tests.stage.stage import Stage
from tests.stage.workers import WorkerProcess

LOOK_PAUSE = 1.0
TRACEBACK = "Traceback (most recent call last):"
LOUD = ("warning", "error", "critical")


class NobodyError(Exception):
    """There is no worker for this just now."""


class Crew:
    """A worker that ends by itself is a violation, as is one that does not end in order when asked."""

    def __init__(self, stage: Stage, wanted: int, timeline: Timeline, names: Mapping[str, str]) -> None:
        self.largest = 0  # resident bytes of a worker
        self.slowest_stop = 0.0
        self._stage = stage
        self._wanted = wanted
        self._timeline = timeline
        self._names = names
        self._taken: set[WorkerProcess] = set()
        self._told: set[WorkerProcess] = set()

    @property
    def alive(self) -> list[WorkerProcess]:
        return [worker for worker in self._stage.workers if worker.alive]

    async def keep(self, over: asyncio.Event) -> None:
        """Replace whoever is gone."""
        while not over.is_set():
            self.tell_crashed()
            for _ in range(self._wanted - len(self.alive)):
                self._stage.start(**self._names)
            self.largest = max(self.largest, *self.sizes())
            await asyncio.sleep(LOOK_PAUSE)

    def tell_crashed(self) -> None:
        for worker in self._stage.workers:
            if worker.crashed and worker not in self._told:
                self._told.add(worker)
                self._timeline.violation(f"worker {worker.number} ended by itself:\n{worker.tail()}")

    @asynccontextmanager
    async def one(self, draw: Random) -> AsyncIterator[WorkerProcess]:
        """A worker that no other fault has to do with, and that is up far enough to listen to signals."""
        free = [worker for worker in self.alive if worker not in self._taken]
        draw.shuffle(free)
        for worker in free:
            async with self.hold(worker):
                if await worker.probe("/livez") == 200:
                    yield worker
                    return
        raise NobodyError

    @asynccontextmanager
    async def hold(self, worker: WorkerProcess) -> AsyncIterator[None]:
        self._taken.add(worker)
        try:
            yield
        finally:
            self._taken.discard(worker)

    async def dismiss(self, worker: WorkerProcess) -> None:
        """SIGTERM: it has to end in order."""
        began = time.monotonic()
        try:
            await worker.stop()
        except AssertionError as fault:
            self._timeline.violation(str(fault))
        except subprocess.TimeoutExpired:
            self._timeline.violation(f"worker {worker.number} does not end in time:\n{worker.tail()}")
            worker.kill()
        self.slowest_stop = max(self.slowest_stop, time.monotonic() - began)

    async def all_ready(self) -> bool:
        return len(self.alive) >= self._wanted and all([await worker.probe("/readyz") == 200 for worker in self.alive])

    def sizes(self) -> list[int]:
        """Resident bytes of each worker."""
        return [resident(worker) for worker in self.alive]

    def logs(self) -> Iterator[Path]:
        for worker in self._stage.workers:
            yield worker.log


def resident(worker: WorkerProcess) -> int:
    try:
        return Process(worker.pid).memory_info().rss
    except NoSuchProcess:
        return 0


def loud_lines(logs: Iterator[Path]) -> tuple[Counter[str], Counter[str]]:
    """What the logs warn of, by the name of the line; and tracebacks that are no log line, by their last line."""
    warned: Counter[str] = Counter()
    tracebacks: Counter[str] = Counter()
    for log in logs:
        inside = False
        for line in log.read_text(errors="replace").splitlines():
            if inside and not line.startswith((" ", "+", "|")) and line.strip():
                tracebacks[line[:200]] += 1
                inside = False
            elif line.strip(" +|").startswith(TRACEBACK):
                inside = True
            elif line.startswith("{") and line.endswith("}"):
                told = orjson.loads(line)
                if told["level"] in LOUD:
                    warned[f"{told['event']} {told.get('why') or told.get('sqlstate') or ''}".strip()] += 1
    return warned, tracebacks
