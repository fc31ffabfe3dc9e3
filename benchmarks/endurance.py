"""One worker for minutes or hours: does anything grow that must not, and what does an old snapshot cost?

    python -m benchmarks.endurance --minutes 120
    python -m benchmarks.endurance --minutes 22 --rate 0 --snapshot 3 18     at full speed; a report is open beside

It prints a line each minute, and a summary at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import math
import sys
import time
from asyncio import TaskGroup
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from statistics import quantiles
from typing import Any

import orjson
from psutil import Process

from benchmarks import machine
from benchmarks.downstream import reader
from benchmarks.field import Field, Track
from benchmarks.race import say
from benchmarks.runs import HANDLED, NotTheWorkError, announced, started, until_handled, until_ready
from benchmarks.trend import summary
from benchmarks.upstream import pour
from benchmarks.workloads import ZIPF, lead_number
from tests.stage.workers import WorkerProcess
from worker import postgres
from worker.embedded import scratch_folder, servers
from worker.settings import Settings

LOOK_SECONDS = 0.25
LINE_SECONDS = 60.0
BACKLOG = 100_000  # records that upstream stays ahead of a worker at full speed
MOST_EVENTS = 10**9
KEEP_BYTES = 2**27  # bytes that a partition keeps; the disk is needed for the ledger
DRAIN_SECONDS = 30.0
LAST_SECONDS = 2.0
FEWEST_MINUTES = 3
# Tables whose rows are updated or deleted often. Vacuum has to remove the dead versions of these rows.
TABLES = """
    select sum(n_dead_tup)::bigint, sum(pg_total_relation_size(relid))::bigint
    from pg_stat_user_tables where relname in ('plan_counter', 'position', 'slot', 'outbox')
"""


@dataclass(frozen=True)
class Options:
    """``rate`` is in events a second; 0 means full speed. ``snapshot`` has its first and its last minute."""

    minutes: float
    rate: int
    snapshot: tuple[float, float] | None


class Run:
    """The figures that the concurrent tasks of a run share.

    ``_report`` writes ``handled`` and ``lines``, ``_read`` writes ``read`` and ``latencies``.
    """

    def __init__(self, options: Options, worker: WorkerProcess, settings: Settings) -> None:
        self.options = options
        self.worker = worker
        self.settings = settings
        self.began = time.monotonic()
        self.handled = 0
        self.read = 0
        self.latencies: list[float] = []  # in seconds, of the events since the last line
        self.lines: list[dict[str, float]] = []

    @property
    def minute(self) -> float:
        return (time.monotonic() - self.began) / 60

    @property
    def over(self) -> bool:
        return self.minute >= self.options.minutes

    def due(self) -> float:
        """The number of events that upstream must have sent by now. After the end it is infinite, so nothing waits."""
        if self.over:
            return math.inf
        rate = self.options.rate
        return (time.monotonic() - self.began) * rate if rate else self.handled + BACKLOG


async def endure(field: Field, options: Options) -> dict[str, Any]:
    """Makes one run. Prints the figures of each minute, and returns them with the number of events sent."""
    track = await field.prepare(replace(ZIPF, name="endurance"), 0)
    async with field.prepared(track) as (names, settings), started(field, names, 1) as workers:
        await until_ready(workers[0])
        run = Run(options, workers[0], settings)
        async with TaskGroup() as tasks:
            beside = [tasks.create_task(each) for each in (_report(run), _snapshot(run))]
            if options.rate:
                beside.append(tasks.create_task(_read(field, run)))
            sent = await _pour(field, track, run)
            await until_handled(settings, sent, workers)
            announcements = await _announcements(run, sent)
            for task in beside:
                task.cancel()
        await workers[0].stop()
    if announcements != sent:
        raise NotTheWorkError(f"{announcements} announced of {sent}")
    return {"sent": sent, "minutes": run.lines}


async def _pour(field: Field, track: Track, run: Run) -> int:
    events = track.workload.events(MOST_EVENTS)
    return await pour(field, track, takewhile(lambda _: not run.over, events), run.due)


async def _announcements(run: Run, sent: int) -> int:
    """The number of announcements. If no reader counted them during the run, this reads them all now."""
    if not run.options.rate:
        return (await announced(run.settings))[0]
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while run.read < sent:  # noqa: ASYNC110 -- another task counts
                await asyncio.sleep(LOOK_SECONDS)
    await asyncio.sleep(LAST_SECONDS)  # a duplicate would arrive in this time
    return run.read


async def _read(field: Field, run: Run) -> None:
    async with reader(field, [run.settings.topics.lead_assigned]) as client:
        while True:
            fetched = await client.getmany(timeout_ms=100)
            since = time.monotonic() - run.began
            for records in fetched.values():
                run.read += len(records)
                run.latencies += [since - lead_number(record.key) / run.options.rate for record in records]


async def _snapshot(run: Run) -> None:
    """Holds an old snapshot open, like a report that nobody closes."""
    if run.options.snapshot:
        first, last = run.options.snapshot
        await asyncio.sleep(first * 60)
        async with (
            postgres.connected(run.settings.dsn, application_name="report") as report,
            postgres.transaction(report, isolation="repeatable_read", readonly=True),
        ):
            await report.fetchval(HANDLED)
            say("a snapshot is open")
            await asyncio.sleep((last - first) * 60)
        say("it is closed")


async def _report(run: Run) -> None:
    async with postgres.connected(run.settings.dsn, application_name="benchmark") as connection:
        since, before = time.monotonic(), 0
        while True:
            run.handled = await connection.fetchval(HANDLED)
            now = time.monotonic()
            if now - since >= LINE_SECONDS and not run.over:
                ((dead, size),) = await connection.fetch(TABLES)
                line = {"minute": round(run.minute, 1), "events_per_second": (run.handled - before) // (now - since)}
                line |= _latency(run) | _used(run.worker) | {"dead_rows": dead, "tables_mb": round(size / 2**20, 1)}
                run.lines.append(line)
                say("  ".join(f"{name} {value:,}" for name, value in line.items()))
                since, before = now, run.handled
            await asyncio.sleep(LOOK_SECONDS)


def _latency(run: Run) -> dict[str, float]:
    if len(run.latencies) < 2:
        return {}
    percentiles = quantiles(run.latencies, n=100)
    run.latencies = []
    return {f"p{percent}_ms": round(1000 * percentiles[percent - 1]) for percent in (50, 99)}


def _used(worker: WorkerProcess) -> dict[str, float]:
    process = Process(worker.pid)
    return {
        "memory_mb": round(process.memory_info().rss / 2**20, 1),
        "files": process.num_fds(),
        "threads": process.num_threads(),
    }


def main(words: Sequence[str] | None = None) -> int:
    """Runs the endurance test. Exits with 1 if the worker did not do its work."""
    options, path = _options(words)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    gc.freeze()  # a pause of this process would count as the worker's
    keep_bytes = (
        KEEP_BYTES if options.rate else 0
    )  # at full speed no reader runs, so the announcements are counted at the end
    with servers() as (kafka, server), scratch_folder() as folder:
        found = {**machine.facts(), "postgres": machine.durability(server)}
        found |= asyncio.run(endure(Field(kafka, server, folder, keep_bytes), options))
    if path:
        path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    whole = summary(found["minutes"], options.snapshot)
    sys.stdout.write(orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


def _options(words: Sequence[str] | None) -> tuple[Options, Path | None]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120.0, help="at least three (120)")
    parser.add_argument("--rate", type=int, default=10_000, help="events a second; 0: all that it can (10000)")
    parser.add_argument("--snapshot", type=float, nargs=2, metavar=("FIRST", "LAST"), help="minutes it is held open")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all minutes here")
    arguments = parser.parse_args(words)
    snapshot = tuple(arguments.snapshot) if arguments.snapshot else None
    if arguments.minutes < FEWEST_MINUTES:
        parser.error(f"--minutes: at least {FEWEST_MINUTES}")
    if snapshot and not (2 < snapshot[0] < snapshot[1] - 2 < arguments.minutes - 4):
        parser.error("--snapshot: more than two minutes before it, in it, and after it")
    return Options(arguments.minutes, arguments.rate, snapshot), arguments.json


if __name__ == "__main__":
    sys.exit(main())
