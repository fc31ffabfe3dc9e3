"""One worker for minutes or hours: does anything grow that must not, and what does an old snapshot cost?

    python -m benchmarks.endurance --minutes 120 --rate 10000
    python -m benchmarks.endurance --minutes 22 --snapshot 3 18      as fast as it goes; a report is open in between

A line a minute; at the end how the figures of the last third differ from those of the first.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from asyncio import TaskGroup
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from statistics import linear_regression, median, quantiles
from typing import Any

import orjson
from psutil import Process

from benchmarks import machine
from benchmarks.field import Field, Track
from benchmarks.latency import lead_number, reader
from benchmarks.race import say
from benchmarks.runs import HANDLED, NotTheWorkError, announced, started, until_handled, until_ready
from benchmarks.upstream import pour
from benchmarks.workloads import ZIPF
from tests.stage.workers import WorkerProcess
from worker import postgres
from worker.embedded import scratch_folder, servers
from worker.settings import Settings

LOOK_SECONDS = 0.25
LINE_SECONDS = 60.0
BACKLOG = 100_000  # records kept ahead of a worker that is to go as fast as it can
MOST_EVENTS = 10**9
KEEP_BYTES = 2**27  # of a partition: the disk is for the ledger
DRAIN_SECONDS = 30.0
# Rows that are written over and over, and those that come and go: their dead versions have to be cleared away.
TABLES = """
    select sum(n_dead_tup)::bigint, sum(pg_total_relation_size(relid))::bigint
    from pg_stat_user_tables where relname in ('plan_counter', 'position', 'slot', 'outbox')
"""


@dataclass(frozen=True)
class Options:
    """``rate`` is events a second, 0 for as many as the worker can; ``snapshot`` its first minute and its last."""

    minutes: float
    rate: int
    snapshot: tuple[float, float] | None


class Run:
    """What the sender, the reader and the looks know of each other."""

    def __init__(self, options: Options, worker: WorkerProcess, settings: Settings) -> None:
        self.options = options
        self.worker = worker
        self.settings = settings
        self.began = time.time()
        self.handled = 0
        self.read = 0
        self.latencies: list[float] = []  # seconds, since the last line
        self.lines: list[dict[str, float]] = []

    @property
    def minute(self) -> float:
        return (time.time() - self.began) / 60

    @property
    def over(self) -> bool:
        return self.minute >= self.options.minutes

    def due(self) -> float:
        """How many events are to have been sent by now."""
        rate = self.options.rate
        return (time.time() - self.began) * rate if rate else self.handled + BACKLOG


async def endure(field: Field, options: Options) -> dict[str, Any]:
    """The figures of each minute, and of the whole."""
    track = await field.prepare(replace(ZIPF, name="endurance"), 0)
    async with field.prepared(track) as (names, settings), started(field, names, 1) as workers:
        await until_ready(workers[0])
        run = Run(options, workers[0], settings)
        async with TaskGroup() as tasks:
            beside = [tasks.create_task(each) for each in (_look(run), _snapshot(run))]
            if options.rate:
                beside.append(tasks.create_task(_read(field, run)))
            sent = await _pour(field, track, run)
            await until_handled(settings, sent, workers)
            came_out = await _came_out(run, sent)
            for task in beside:
                task.cancel()
        await workers[0].stop()
    if came_out != sent:
        raise NotTheWorkError(f"{came_out} announced of {sent}")
    return {"sent": sent, "whole": summary(options, run.lines), "minutes": run.lines}


async def _pour(field: Field, track: Track, run: Run) -> int:
    events = track.workload.events(MOST_EVENTS)
    return await pour(field, track, takewhile(lambda _: not run.over, events), run.due)


async def _came_out(run: Run, sent: int) -> int:
    """How many announcements there are: as the reader beside has counted them, or one that reads them all now."""
    if not run.options.rate:
        return (await announced(run.settings))[0]
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while run.read < sent:  # noqa: ASYNC110 -- another task counts
                await asyncio.sleep(LOOK_SECONDS)
    return run.read


async def _read(field: Field, run: Run) -> None:
    async with reader(field, [run.settings.topics.lead_assigned]) as client:
        while True:
            fetched = await client.getmany(timeout_ms=100)
            since = time.time() - run.began
            for records in fetched.values():
                run.read += len(records)
                run.latencies += [since - lead_number(record) / run.options.rate for record in records]


async def _snapshot(run: Run) -> None:
    """A report that somebody leaves open."""
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


async def _look(run: Run) -> None:
    async with postgres.connected(run.settings.dsn, application_name="benchmark") as connection:
        since, before = time.time(), 0
        while True:
            run.handled = await connection.fetchval(HANDLED)
            now = time.time()
            if now - since >= LINE_SECONDS and not run.over:
                ((dead, size),) = await connection.fetch(TABLES)
                line = {"minute": round(run.minute, 1), "events_per_second": (run.handled - before) // (now - since)}
                line |= _latency(run) | _used(run.worker) | {"dead_rows": dead, "tables_mb": round(size / 2**20, 1)}
                run.lines.append(line)
                say("  ".join(f"{name} {value:,}" for name, value in line.items()))
                since, before = now, run.handled
            await asyncio.sleep(LOOK_SECONDS)


def _latency(run: Run) -> dict[str, float]:
    if not run.latencies:
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


def summary(options: Options, lines: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Of all lines but the first, in which everything warms up: the last third's median over the first's, and memory's
    slope; with a snapshot, the rates while it was open and after it over those before.
    """
    warm = lines[1:]
    third = max(len(warm) // 3, 1)
    told: dict[str, Any] = {
        name: {"first third": _median(warm[:third], name), "last third": _median(warm[-third:], name)}
        for name in warm[0]
        if name != "minute"
    }
    slope = linear_regression([line["minute"] for line in warm], [line["memory_mb"] for line in warm]).slope
    told["memory_mb_an_hour"] = round(slope * 60, 2)
    if options.snapshot:
        before, beside, after = (list(some) for some in _split(warm, options.snapshot))
        rates = [_median(some, "events_per_second") for some in (before, beside, after)]
        told["rate_with_snapshot"], told["rate_after"] = (round(rate / rates[0], 2) for rate in rates[1:])
    return told


def _split(
    lines: Sequence[Mapping[str, float]], snapshot: tuple[float, float]
) -> Iterator[Iterator[Mapping[str, float]]]:
    """The lines before, while, and after it was open; those in which it began or ended are none of these."""
    first, last = snapshot
    yield (line for line in lines if line["minute"] <= first)
    yield (line for line in lines if first + 1 <= line["minute"] <= last)
    yield (line for line in lines if last + 1 <= line["minute"])


def _median(lines: Sequence[Mapping[str, float]], name: str) -> float:
    return median(line[name] for line in lines)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120.0, help="at least four (120)")
    parser.add_argument("--rate", type=int, default=0, help="events a second; 0, as many as the worker can (0)")
    parser.add_argument("--snapshot", type=float, nargs=2, metavar=("FIRST", "LAST"), help="minutes it is held open")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures here as well")
    given = parser.parse_args(words)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    options = Options(given.minutes, given.rate, tuple(given.snapshot) if given.snapshot else None)
    with servers() as (kafka, server), scratch_folder() as folder:
        found = {**machine.facts(), "postgres": machine.durability(server)}
        keep_bytes = KEEP_BYTES if options.rate else 0  # who is not read beside is counted at the end
        found |= asyncio.run(endure(Field(kafka, server, folder, keep_bytes), options))
    sys.stdout.write(orjson.dumps(found["whole"], option=orjson.OPT_INDENT_2).decode() + "\n")
    if given.json:
        given.json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
