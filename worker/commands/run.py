"""salesplan run."""

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog
import typer

from worker import failpoint, log, postgres, tracing
from worker.commands.shell import Exit, RejectedError, UnavailableError, UnmigratedError, asynchronous, database, say
from worker.commands.signals import stop_on_signals
from worker.concurrency import errors_of
from worker.intake.positions import PositionsUnfitError
from worker.outbox.slots import PositionAheadError, PositionForeignError
from worker.postgres import statements
from worker.postgres.sequences import SequencesBehindError
from worker.run.loop import run as work
from worker.serving import PortUnusableError
from worker.settings import Settings, load_settings
from worker.settings.environment import ConfigError, Fault

# New objects between two runs of the garbage collector. A batch makes some hundred thousand objects, which live until
# it ends. With Python's default of 700 the collector took a fifth of a worker's time.
NEW_OBJECTS = 200_000

ADMISSION_SECONDS = 4.0

MIDWAY = "Ended midway; another worker publishes what is committed and not yet published."


class Ending(NamedTuple):
    """Errors that end the worker with a line, since trying again does not help. ``text`` makes the line."""

    kinds: tuple[type[BaseException], ...]
    about: str
    text: Callable[[BaseException], str]
    code: Exit


def _alone(error: BaseException) -> str:
    """The error's text without the server's name, which the line has already."""
    return str(error).removeprefix("Postgres: ")


ENDINGS = (
    Ending((RejectedError,), "Postgres", _alone, Exit.CONFIG),
    Ending((UnmigratedError,), "Postgres", _alone, Exit.UNAVAILABLE),
    Ending(
        (PositionsUnfitError, PositionAheadError, PositionForeignError),
        "Going on would lose or repeat records",
        str,
        Exit.FAILED,
    ),
    Ending((postgres.NobodysFaultError,), "Postgres", str, Exit.FAILED),
    Ending(postgres.UNMIGRATED, "Postgres", postgres.shortcoming, Exit.UNAVAILABLE),
    Ending(postgres.DENIED, "Postgres", postgres.rejection, Exit.CONFIG),
    Ending((SequencesBehindError,), "Postgres", str, Exit.CONFIG),
    Ending((PortUnusableError,), "The probes", str, Exit.CONFIG),
)


@asynchronous
async def run() -> None:
    """Assign leads until SIGTERM or Ctrl-C; then finish the batches in hand. A second signal ends it at once."""
    stop = stop_on_signals(MIDWAY)
    settings = load_settings()
    _arm_failpoint()
    log.configure(settings.log.level, settings.log.format)
    for note in settings.notes:
        structlog.get_logger().warning("setting_left_out", note=note)
    gc.set_threshold(NEW_OBJECTS)
    if code := await _exit_of(_admitted(settings, stop)):
        raise typer.Exit(code)


def _arm_failpoint() -> None:
    try:
        failpoint.arm(os.environ.get(failpoint.VARIABLE))
    except ValueError as error:
        raise ConfigError([Fault(failpoint.VARIABLE, str(error))]) from error


async def _admitted(settings: Settings, stop: asyncio.Event) -> None:
    await _refuse_if_unfit(settings)
    with tracing.open_tracing(settings) as traced:
        await work(settings, stop, traced)


async def _exit_of(working: Awaitable[None]) -> Exit:
    """Waits for the work, and returns the exit code. If the work ended by an error, this writes the reason."""
    code = Exit.OK  # raised inside `except*`, an exit would become a group
    try:
        await working
    except* asyncio.CancelledError:
        say(MIDWAY)
        code = Exit.FAILED
    except* tuple(kind for ending in ENDINGS for kind in ending.kinds) as errors:
        for ending in ENDINGS:
            if of_a_kind := [error for error in errors_of(errors) if isinstance(error, ending.kinds)]:
                code = ending.code
                for line in dict.fromkeys(line for error in of_a_kind for line in ending.text(error).splitlines()):
                    say(f"{ending.about}: {line}")
    except* Exception as errors:  # noqa: BLE001 -- every other error is a bug, and ends the process
        for error in errors_of(errors):
            structlog.get_logger().critical("fault_of_this_program", **log.without_words(error))
        code = Exit.FAILED
    return code


async def _refuse_if_unfit(settings: Settings) -> None:
    """Raises RejectedError if the database refuses this worker, and UnmigratedError if it is not migrated.

    If the database does not answer, this returns, and the worker waits for it.
    """
    try:
        async with asyncio.timeout(ADMISSION_SECONDS), database(settings) as connection:
            await statements.require(connection)
    except UnmigratedError:
        raise
    except (UnavailableError, TimeoutError):
        pass
