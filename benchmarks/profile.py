"""Measures processor time: of each process, the worker's by file, the database's by statement; and the bytes of WAL."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from psutil import NoSuchProcess, Process

from benchmarks.field import Field, Track
from benchmarks.runs import started, until_handled
from benchmarks.workloads import ZIPF
from worker import postgres
from worker.embedded import Postgres

LIBRARY = "pg_stat_statements"
SAMPLES_A_SECOND = 200
LONGEST_SECONDS = "120"
STATEMENTS = """
    select left(regexp_replace(query, '\\s+', ' ', 'g'), 60) as statement, calls,
           total_exec_time / calls as milliseconds, wal_bytes::float8 / $1 as wal_bytes_a_lead
    from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database()) and calls > 5
    order by total_exec_time desc limit 10
"""
WAL_BYTES = "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8"
SHOWN_SHARE = 0.01


async def run(field: Field, _rounds: int, events: int) -> list[dict[str, Any]]:
    """Prints one row: the processor time and the WAL for each record."""
    await asyncio.to_thread(_load_library, field.server)
    track = await field.prepare(ZIPF, events)
    return [await _profile(field, track)]


def _load_library(server: Postgres) -> None:
    server.execute("psql", server.dsn(), "-c", f"alter system set shared_preload_libraries = '{LIBRARY}'")
    server.restart()
    server.execute("psql", server.dsn("template1"), "-c", f"create extension {LIBRARY}")


async def _profile(field: Field, track: Track) -> dict[str, Any]:
    async with (
        field.prepared(track) as (names, settings),
        postgres.connected(settings.dsn, application_name="benchmark") as connection,
    ):
        wal, used = await connection.fetchval(WAL_BYTES), _used(field)
        async with started(field, names, 1) as (worker,):
            spy = await _spy(worker.pid, field.folder / "samples")
            await until_handled(settings, track.events, [worker])
            used = {name: seconds - used.get(name, 0.0) for name, seconds in _used(field).items()}
            used["worker"] = _seconds(Process(worker.pid))
            spy.send_signal(signal.SIGINT)  # then py-spy writes its samples
            await spy.wait()
            await worker.stop()
        wal = await connection.fetchval(WAL_BYTES) - wal
        statements = [dict(row) for row in await connection.fetch(STATEMENTS, float(track.enters))]
    return {
        "name": f"one worker, {track.workload.name}",
        "microseconds_a_record": {name: round(1e6 * s / track.events, 1) for name, s in used.items()},
        "worker_by_file": _by_file((field.folder / "samples").read_text(encoding="utf-8")),
        "statements": statements,
        "wal_bytes_a_lead": round(wal / track.enters),
    }


def _used(field: Field) -> dict[str, float]:
    """The processor seconds of the broker, and of all processes of the database that run now."""
    database = Process(field.server.pid)
    return {
        "kafka": _seconds(Process(field.kafka.pid)),
        "postgres": sum(_seconds(process) for process in (database, *database.children())),
    }


def _seconds(process: Process) -> float:
    try:
        times = process.cpu_times()
    except NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


async def _spy(pid: int, output: Path) -> asyncio.subprocess.Process:
    """Runs py-spy, which samples the worker from outside and does not change it."""
    return await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("py-spy"), "record", "--pid", str(pid), "--output", output),
        *("--format", "raw", "--rate", str(SAMPLES_A_SECOND), "--duration", LONGEST_SECONDS),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


def _by_file(samples: str) -> dict[str, float]:
    """The share of the samples for each file: the innermost file of the worker, or else of a library."""
    counts: Counter[str] = Counter()
    for line in samples.splitlines():
        stack, _, count = line.rpartition(" ")
        files = re.findall(r"\(([^():]+):\d+\)", stack) or ["no file"]
        ours = [file for file in files if file.startswith("worker/")]
        counts[ours[-1] if ours and ours[-1] != "worker/commands/shell.py" else files[-1]] += int(count)
    return {
        file: round(count / counts.total(), 3)
        for file, count in counts.most_common()
        if count > SHOWN_SHARE * counts.total()
    }
