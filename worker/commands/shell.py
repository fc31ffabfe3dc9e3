"""What all commands share: exit codes, stdout for data and stderr for words, trouble told in a line."""

import asyncio
import functools
import getpass
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from enum import IntEnum
from typing import ParamSpec

import typer

from worker import log, postgres
from worker.postgres.sequences import SequencesBehindError
from worker.process.streams import OutputError
from worker.settings import ConfigError, Settings

P = ParamSpec("P")


class Exit(IntEnum):
    """What a command ends with; 64 and up as in sysexits.h."""

    OK = 0
    FAILED = 1
    USAGE = 2
    OUTPUT = 74
    UNAVAILABLE = 75
    CONFIG = 78


class UnavailableError(Exception):
    """A service that is needed can't be used now; says which, and why."""


class UnmigratedError(UnavailableError):
    """The database is not what this release needs; says what to run."""


class RejectedError(Exception):
    """A service that is needed will not let us in, or not do what we ask; says which, and what to mend."""


def data(text: str) -> None:
    """Write to stdout: what was asked for."""
    typer.echo(text)


def say(text: str) -> None:
    """Write to stderr: words about it."""
    typer.echo(text, err=True)


def who(by: str | None) -> str:
    """Who is to be named for a change: who was given, else the user of this system."""
    if by:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        return "unknown"


def moment(text: str, otherwise: str = "") -> datetime:
    """A time that was given as an option, or ``otherwise`` something else. Raises typer.BadParameter."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"is {otherwise}a time like 2026-11-23T10:00:00Z") from None
    if time.tzinfo is None:
        raise typer.BadParameter(f"a time needs its zone: {text}Z in UTC, {text}+03:00 east of it")
    return time


def asynchronous(command: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """An async command as typer takes it."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def awaited() -> None:
            await command(*args, **kwargs)

        asyncio.run(awaited())

    return run


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[postgres.Connection]:
    """A connection to Postgres with the limits of a batch. Raises UnavailableError, RejectedError."""
    with postgres_trouble():
        async with postgres.connected(
            settings.dsn, application_name="salesplan", settings=postgres.BATCH_SETTINGS
        ) as connection:
            yield connection


@contextmanager
def postgres_trouble() -> Iterator[None]:
    """Turns what Postgres can't do now into UnavailableError, and what it will not do into RejectedError."""
    try:
        yield
    except postgres.RETRY as error:
        raise UnavailableError(f"Postgres: busy with other changes, try again ({line(error)})") from error
    except SequencesBehindError as error:
        raise RejectedError(f"Postgres: {error}") from error
    except postgres.REJECTED as error:
        raise RejectedError(f"Postgres: {postgres.rejection(error)}") from error
    except postgres.TROUBLE as error:
        raise UnavailableError(f"Postgres: {postgres.remedy(error) or line(error)}") from error
    except postgres.UNMIGRATED as error:
        raise UnmigratedError(f"Postgres: {postgres.shortcoming(error)}") from error


def line(error: BaseException) -> str:
    """The error in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def guarded(app: Callable[[], None]) -> int:
    """Run the commands; what can go wrong around them becomes a readable line and an exit code."""
    log.hush_kafka()
    try:
        app()
    except OutputError as error:
        say(line(error))
        return Exit.OUTPUT
    except ConfigError as error:
        say(f"The configuration can't be used:\n{error}")
        return Exit.CONFIG
    except RejectedError as error:
        say(line(error))
        return Exit.CONFIG
    except UnavailableError as error:
        say(line(error))
        return Exit.UNAVAILABLE
    except Exception as error:
        if not _is_trouble(error):
            raise
        say(f"{type(error).__name__}: {line(error)}")
        return Exit.UNAVAILABLE
    return Exit.OK


def _is_trouble(error: Exception) -> bool:
    """True also for Kafka's, where a command has used Kafka: loading its client takes time."""
    kafka = sys.modules.get("worker.kafka")
    return isinstance(error, postgres.TROUBLE) or bool(
        kafka and isinstance(error, kafka.TROUBLE) and not kafka.is_bug(error)
    )
