"""Runs the console: both logins at the database, the pages on one port, the probes on another."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

import structlog

from console import app, database, identity
from console.database import Databases
from console.metrics import ALL
from console.pages import PAGES
from worker import log as logging
from worker import serving
from worker.metrics import BUILD_INFO, LOG_LINES_DROPPED, Metrics
from worker.settings import ConfigError, Settings
from worker.settings.environment import Fault

GRACE = 20  # seconds in which requests under way may end; the process is gone within 30 s of SIGTERM
ADMISSION_SECONDS = 4.0

PAGES_PORT = "SALESPLAN_CONSOLE__HOST and SALESPLAN_CONSOLE__PORT"
PROBES_PORT = "SALESPLAN_OPS__HOST and SALESPLAN_OPS__PORT"

log = structlog.get_logger()


def check(settings: Settings, as_user: str | None) -> None:
    """Raise ConfigError with every setting that the console lacks; a worker does without them."""
    console, faults = settings.console, []
    for name, dsn in (("MANAGERS", settings.managers_dsn), ("HEADS", settings.heads_dsn)):
        if dsn is None:
            faults.append(Fault(f"SALESPLAN_CONSOLE__{name}_DATABASE_URL", "is needed by the console"))
    if as_user is None and not console.networks:
        faults.append(Fault("SALESPLAN_CONSOLE__PROXIES", "is needed: whose word on the user is believed; or use --as"))
    if as_user is not None and not identity.is_loopback(console.host):
        faults.append(Fault("SALESPLAN_CONSOLE__HOST", "must be a loopback address with --as, like 127.0.0.1"))
    if faults:
        raise ConfigError(faults)


async def run(settings: Settings, stop: asyncio.Event, as_user: str | None = None) -> None:
    """Serve the pages until ``stop``. A database that is away is waited for, and the pages say so.

    Raises one of ``postgres.REJECTED`` or ``UNMIGRATED`` where the database answers and a login is unfit, and
    PortUnusableError.
    """
    metrics = _metrics(settings)
    console, ops = settings.console, settings.ops
    identify = identity.always(as_user) if as_user is not None else identity.by_proxy(console)
    async with AsyncExitStack() as stack:
        databases = await stack.enter_async_context(database.opened(settings, metrics))
        await _refuse_if_unfit(databases)
        pages = app.built(app.App(PAGES, identify, databases, console, partial(datetime.now, UTC)), metrics)
        listening = serving.listen(console.host, console.port, PAGES_PORT)
        ports = {"port": listening.getsockname()[1]}
        if ops.enabled:
            probing = serving.listen(ops.host, ops.port, PROBES_PORT)
            ports["probes_port"] = probing.getsockname()[1]
            probes = serving.probes(lambda: False, lambda: _checks(databases), metrics, ops.revision)
            await stack.enter_async_context(serving.served(probes, probing))
        await stack.enter_async_context(serving.served(pages, listening, GRACE))
        log.info("console_started", host=console.host, **ports)
        await stop.wait()


def _metrics(settings: Settings) -> Metrics:
    metrics = Metrics(ALL)
    metrics.of(BUILD_INFO, version("salesplan"), settings.ops.revision).set(1)
    logging.count_dropped(metrics.of(LOG_LINES_DROPPED).inc)
    return metrics


async def _checks(databases: Databases) -> dict[str, bool]:
    """The checks of /readyz."""
    answers = await asyncio.gather(*(each.answers() for each in databases.values()))
    return {f"{each.name}_database": answer for each, answer in zip(databases.values(), answers, strict=True)}


async def _refuse_if_unfit(databases: Databases) -> None:
    """Raises one of ``postgres.REJECTED`` or ``UNMIGRATED`` if a database is unfit for its login.

    A database that is away is no reason to end: the console checks each login again at its first connection.
    """
    for each in databases.values():
        await each.admit(ADMISSION_SECONDS)
