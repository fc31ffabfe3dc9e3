"""salesplan run."""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog
import typer

from worker import failpoint, log, postgres, statements, tracing
from worker.blame import NobodysFaultError
from worker.commands.shell import Exit, UnavailableError, UnmigratedError, asynchronous, database, say
from worker.health import PortUnusableError
from worker.positions import PositionsUnfitError
from worker.publish import PositionAheadError, PositionForeignError
from worker.run import run as work
from worker.sequences import SequencesBehindError
from worker.settings import Settings, load_settings
from worker.troubles import leaves

# New objects between two looks for garbage. What a batch makes lives as long as the batch, some hundred thousand
# objects at a time; at Python's own 700 a fifth of a worker's time went into looking at them again and again.
NEW_OBJECTS = 200_000

ADMISSION_SECONDS = 4.0


class Ending(NamedTuple):
    """Errors that end the worker with a line, since going on does not help; ``text`` makes the line."""

    kinds: tuple[type[BaseException], ...]
    about: str
    text: Callable[[BaseException], str]
    code: Exit


ENDINGS = (
    Ending(
        (PositionsUnfitError, PositionAheadError, PositionForeignError),
        "Going on would lose or repeat records",
        str,
        Exit.FAILED,
    ),
    Ending((NobodysFaultError,), "Postgres", str, Exit.FAILED),
    Ending(postgres.UNMIGRATED, "Postgres", postgres.shortcoming, Exit.UNAVAILABLE),
    Ending(postgres.DENIED, "Postgres", postgres.rejection, Exit.CONFIG),
    Ending((SequencesBehindError,), "Postgres", str, Exit.CONFIG),
    Ending((PortUnusableError,), "The probes", str, Exit.CONFIG),
)


@asynchronous
async def run() -> None:
    """Assign leads until SIGTERM or Ctrl-C; then finish what is begun. A second signal ends it at once."""
    settings = load_settings()
    failpoint.arm(os.environ.get(failpoint.VARIABLE))
    log.configure(settings.log.level, settings.log.format)
    for note in settings.notes:
        structlog.get_logger().warning("setting_left_out", note=note)
    gc.set_threshold(NEW_OBJECTS)
    stop = asyncio.Event()
    working = asyncio.current_task()
    assert working is not None  # noqa: S101 -- this is a coroutine

    def on_signal() -> None:
        if stop.is_set():
            working.cancel()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    await _refuse_if_unfit(settings)
    with tracing.opened(settings) as traced:
        code = await _exit_of(work(settings, stop, traced))
    if code:
        raise typer.Exit(code)


async def _exit_of(working: Awaitable[None]) -> Exit:
    """Wait for the work; say why it ended where it did so by itself, and return what the command ends with."""
    code = Exit.OK  # raised inside `except*`, an exit would become a group
    try:
        await working
    except* asyncio.CancelledError:
        say("Ended midway; what is committed and not yet published, another worker publishes.")
        code = Exit.FAILED
    except* tuple(kind for ending in ENDINGS for kind in ending.kinds) as errors:
        for ending in ENDINGS:
            if of_a_kind := [error for error in leaves(errors) if isinstance(error, ending.kinds)]:
                code = ending.code
                for line in dict.fromkeys(line for error in of_a_kind for line in ending.text(error).splitlines()):
                    say(f"{ending.about}: {line}")
    return code


async def _refuse_if_unfit(settings: Settings) -> None:
    """A database that answers, and will not let this worker in or is not migrated, ends it at once.

    One that is away is waited for. Raises RejectedError, UnmigratedError.
    """
    try:
        async with asyncio.timeout(ADMISSION_SECONDS), database(settings) as connection:
            await statements.require(connection)
    except UnmigratedError:
        raise
    except (UnavailableError, TimeoutError):
        pass
