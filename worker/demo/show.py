"""Runs the demo from empty servers to the checker's report."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from db import query
from worker import postgres
from worker.cluster.topics.create import create
from worker.demo.screen import Progress, Screen, Share
from worker.demo.upstream import apply_plans, emit
from worker.embedded import servers
from worker.kafka.admin import administration
from worker.kafka.reader import read_all
from worker.postgres.migrate import migrate
from worker.settings import Settings, load_settings
from worker.verify.check import verify
from worker.verify.report import Report

DEMO_PROGRESS = query("demo/progress")
DEMO_SHARES = query("demo/shares")

SEED = 1
LOOK_SECONDS = 0.25
SILENCE_SECONDS = 60.0  # after so long without progress the demo fails
STOP_SECONDS = 30.0


class DemoError(Exception):
    """The demo failed before its end; the text tells the reason."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a demo. ``rate`` is in events a second, from the first event to the last announcement."""

    report: Report
    rate: float
    shares: list[Share]


def demo(events: int, console: Console) -> Result:
    """Starts both servers, sends ``events`` records, lets a worker assign the leads, stops it, and runs the checker.

    Raises DemoError if the worker ends early or makes no progress.
    """
    console.print("starting Kafka and Postgres ...")
    with servers() as (kafka, database), tempfile.NamedTemporaryFile(suffix=".log") as log:
        migrate(database.dsn())
        point_environment(kafka.bootstrap_servers, database.dsn())
        return asyncio.run(_demo(load_settings(), events, Path(log.name), console))


async def _demo(settings: Settings, events: int, log: Path, console: Console) -> Result:
    async with administration(settings.kafka) as admin:
        await create(admin, settings)
    await apply_plans(settings)
    began = time.time()
    await _assign(settings, events, log, console)
    console.print("verifying the ledger against the topics ...")
    report = await verify(settings)
    seconds = await _last_published(settings) - began
    return Result(report, events / seconds if seconds > 0 else 0.0, await _shares(settings))


def point_environment(bootstrap_servers: str, dsn: str) -> None:
    """Sets the environment for the demo's servers, and removes all other settings of the user."""
    for name in list(os.environ):
        if name.startswith(("KAFKA_", "PG", "DATABASE_URL", "SALESPLAN_")):
            del os.environ[name]
    os.environ |= {
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
        "DATABASE_URL": dsn,
        "SALESPLAN_OPS__PORT": "0",
    }


async def _assign(settings: Settings, events: int, log: Path, console: Console) -> None:
    """Sends and assigns at the same time until each event has its outcome; then stops the worker."""
    with log.open("wb") as output:
        worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "worker", "run", stderr=output)
    emitting = asyncio.create_task(emit(settings, SEED, events))
    try:
        async with postgres.connected(settings.dsn, application_name="salesplan-demo") as connection:
            with Screen(console, events) as screen:
                await _watch(connection, events, worker, emitting, screen)
        worker.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_SECONDS):
            code = await worker.wait()
        if code:
            raise DemoError(f"the worker ended with {code}")
    except (TimeoutError, DemoError) as error:
        raise DemoError(f"{error or 'the worker does not stop'}; its last words:\n{_tail(log)}") from error
    finally:
        emitting.cancel()
        if worker.returncode is None:
            worker.kill()
            await worker.wait()


async def _watch(
    connection: postgres.Connection,
    events: int,
    worker: asyncio.subprocess.Process,
    emitting: asyncio.Task[None],
    screen: Screen,
) -> None:
    done, last_progress = 0, time.monotonic()
    while done < events:
        await asyncio.sleep(LOOK_SECONDS)
        progress = await _progress(connection)
        if progress.done > done:
            done, last_progress = progress.done, time.monotonic()
        screen.show(progress)
        if emitting.done():
            emitting.result()  # raises the upstream's error, if it had one
        if worker.returncode is not None:
            raise DemoError(f"the worker ended with {worker.returncode}")
        if time.monotonic() - last_progress > SILENCE_SECONDS:
            raise DemoError(f"no progress for {SILENCE_SECONDS:.0f} s")


async def _progress(connection: postgres.Connection) -> Progress:
    row = await connection.fetchrow(DEMO_PROGRESS)
    assert row is not None  # noqa: S101 -- the statement returns one row always
    shares = [Share(*found) for found in await connection.fetch(DEMO_SHARES)]
    return Progress(**row, shares=shares)


async def _shares(settings: Settings) -> list[Share]:
    async with postgres.connected(settings.dsn, application_name="salesplan-demo") as connection:
        return (await _progress(connection)).shares


async def _last_published(settings: Settings) -> float:
    """The time of the last announcement, in seconds since 1970."""
    latest = 0
    async for records in read_all(settings.kafka, [settings.topics.lead_assigned]):
        latest = max([latest, *(record.timestamp for record in records)])
    return latest / 1000


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-10:])
