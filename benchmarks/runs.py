"""Makes one run of one contestant over one track. Measures its time, and checks its work."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

from psutil import Process

from benchmarks.field import Field, Track
from tests.stage.workers import WorkerProcess
from worker import postgres
from worker.kafka.reader import read_all
from worker.settings import Settings
from worker.verify import verify

RUN_SECONDS = 300.0
LOOK_SECONDS = 0.25
READY_SECONDS = 60.0
READY_LOOK_SECONDS = 0.01
HANDLED = """
    select coalesce(sum(assigned + waiting + already_assigned + no_match + contact_recorded + dead_lettered), 0)::bigint
    from salesplan.position
"""


class NotTheWorkError(Exception):
    """A contestant did not do the work that was timed."""


@dataclass(frozen=True)
class Ran:
    """``rate`` is in events a second, from the first event read to the last one published. ``memory`` is in bytes."""

    rate: float
    memory: int = 0


async def run_workers(field: Field, track: Track, count: int, *, verified: bool = False) -> Ran:
    """Runs so many processes of ``salesplan run``. Their logs tell the begin, and the broker tells the end."""
    async with field.prepared(track) as (names, settings):
        async with started(field, names, count) as workers:
            memory = await until_handled(settings, track.events, workers)
            await asyncio.gather(*(worker.stop() for worker in workers))
        announcements, last = await announced(settings)
        await _check(settings, track, announcements, verified=verified)
    return Ran(_rate(track, workers, last), memory)


@asynccontextmanager
async def started(field: Field, names: Mapping[str, str], count: int) -> AsyncIterator[list[WorkerProcess]]:
    """Runs so many workers during a block, and ends them after it."""
    folder = field.folder / uuid4().hex[:8]
    folder.mkdir()
    workers = [WorkerProcess(number, folder, names) for number in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()


async def until_ready(worker: WorkerProcess) -> None:
    """Waits until the worker has joined the group and can use both servers."""
    async with asyncio.timeout(READY_SECONDS):
        while await worker.probe("/readyz") != HTTPStatus.OK:  # noqa: ASYNC110 -- another process
            await asyncio.sleep(READY_LOOK_SECONDS)


async def until_handled(settings: Settings, events: int, workers: Sequence[WorkerProcess]) -> int:
    """Waits until each record has its outcome. Returns the largest memory of a worker, in bytes."""
    memory, deadline = 0, time.monotonic() + RUN_SECONDS
    async with postgres.connected(settings.dsn, application_name="benchmark") as connection:
        while (handled := await connection.fetchval(HANDLED)) < events:
            if time.monotonic() > deadline or not all(worker.alive for worker in workers):
                tails = "\n".join(worker.tail() for worker in workers)
                raise NotTheWorkError(
                    f"{handled} of {events} records, and a worker ended or it took too long:\n{tails}"
                )
            memory = max(memory, *(Process(worker.pid).memory_info().rss for worker in workers))
            await asyncio.sleep(LOOK_SECONDS)
    return memory


async def announced(settings: Settings) -> tuple[int, float]:
    """The number of messages that a read_committed reader sees, and the time of the last one in seconds since 1970."""
    count, last = 0, 0
    async for records in read_all(settings.kafka, [settings.topics.lead_assigned]):
        count += len(records)
        last = max([last, *(record.timestamp for record in records)])
    return count, last / 1000


async def _check(settings: Settings, track: Track, announcements: int, *, verified: bool) -> None:
    if announcements != track.enters:
        raise NotTheWorkError(f"{track.workload.name}: {announcements} announced of {track.enters}")
    if verified:
        report = await verify(settings)
        if report.violations:
            raise NotTheWorkError(f"{track.workload.name}: {report.violations}")


def _rate(track: Track, workers: Sequence[WorkerProcess], last: float) -> float:
    """The seconds from the moment when all workers had joined and the untimed part was over, until the last message."""
    lines = [line for worker in workers for line in worker.logged("written")]
    written = sorted((_time(line), line["records"], line.get("assigned", 0)) for line in lines)
    starts = [_time(line) for worker in workers for line in worker.logged("sought")]
    # Workers that are still there at the end log "sought" once more, after the last batch. That one does not count.
    began = joined = max(moment for moment in starts if moment < written[-1][0])
    before, to_assign = 0, track.enters * track.workload.repeats
    for moment, records, assigned in written:
        if moment > joined and to_assign <= 0:
            break
        began, before, to_assign = max(moment, joined), before + records, to_assign - assigned
    return (track.events - before) / (max(last, written[-1][0]) - began)


def _time(line: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


async def run_contestant(field: Field, track: Track, module: str, *words: str, announces: bool = True) -> Ran:
    """Runs another contestant over all records of the track."""
    async with field.database(track) as database:
        output = f"out-{uuid4().hex[:8]}"
        await field.make_topics([output])
        seconds = await contestant(field, track, database, output, module, *words)
        if announces:
            names = field.environment(track, database, SALESPLAN_TOPICS__LEAD_ASSIGNED=output)
            announcements, _ = await announced(field.settings(names))
            expected = track.events if module == "copy_loop" else track.enters
            if announcements != expected:
                raise NotTheWorkError(f"{module}: {announcements} came out, not {expected}")
        await field.remove_topics([output])
    return Ran(track.events / seconds)


async def contestant(field: Field, track: Track, database: str, output: str, module: str, *words: str) -> float:
    """Runs another contestant to its end. Returns the seconds that it printed."""
    told = {
        "KAFKA_BOOTSTRAP_SERVERS": field.kafka.bootstrap_servers,
        "DATABASE_URL": field.server.dsn(database),
        "BENCH_GROUP": output,
        "BENCH_INPUTS": ",".join(topic for field_, topic in track.topics.items() if field_ != "manager_contact"),
        "BENCH_OUTPUT": output,
        "BENCH_EVENTS": str(track.events),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"benchmarks.contestants.{module}", *words),
        env={**os.environ, **told},
        cwd=Path(__file__).parents[1],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(RUN_SECONDS):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode or not out:
        raise NotTheWorkError(f"{module} ended with {process.returncode}, and did not finish")
    return float(json.loads(out.splitlines()[-1])["seconds"])
