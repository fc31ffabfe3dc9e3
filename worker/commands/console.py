"""salesplan console.

Only this module of the worker imports the package ``console``, and only when the command runs.
"""

import asyncio
from typing import Annotated

import structlog
import typer

from worker import log, postgres
from worker.commands.shell import RejectedError, UnmigratedError, asynchronous
from worker.commands.signals import stop_on_signals
from worker.serving import PortUnusableError
from worker.settings import load_settings

EXTRA = "salesplan console needs packages that are not installed: pip install 'salesplan[console]'"
MIDWAY = "Ended midway; a change that was not answered may be made or not: look at its plan."

AsUser = Annotated[
    str | None,
    typer.Option("--as", metavar="USER", help="Sign everybody in as this user, without a proxy; on loopback only."),
]


@asynchronous
async def console(*, user: AsUser = None) -> None:
    """Serve the web pages for heads of sales and managers, until SIGTERM or Ctrl-C."""
    stop = stop_on_signals(MIDWAY)
    settings = load_settings()
    try:
        from console import run  # noqa: PLC0415 -- an extra, and nothing that a worker loads
    except ModuleNotFoundError as error:
        if error.name not in ("babel", "jinja2", "markupsafe"):
            raise
        raise RejectedError(EXTRA) from error
    run.check(settings, user)
    log.configure(settings.log.level, settings.log.format)
    for note in settings.notes:
        structlog.get_logger().warning("setting_left_out", note=note)
    try:
        await run.run(settings, stop, user)
    except asyncio.CancelledError:
        raise typer.Exit(1) from None
    except PortUnusableError as error:
        raise RejectedError(f"The console: {error}") from error
    except postgres.REJECTED as error:
        raise RejectedError(f"Postgres: {postgres.rejection(error)}") from error
    except postgres.UNMIGRATED as error:
        raise UnmigratedError(f"Postgres: {postgres.shortcoming(error)}") from error
