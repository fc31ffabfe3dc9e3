"""Shared by all commands: exit codes, output (data to stdout, messages to stderr), and one line for each error."""

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
    """The exit codes of the commands. Those from 64 on have the meaning of sysexits.h."""

    OK = 0
    FAILED = 1
    USAGE = 2
    OUTPUT = 74
    UNAVAILABLE = 75
    CONFIG = 78


class UnavailableError(Exception):
    """A needed service can't be used now; the text names it and tells the reason."""


class UnmigratedError(UnavailableError):
    """The database is not migrated to this release; the text tells which command to run."""


class RejectedError(Exception):
    """A needed service refuses the login or the request; the text names it and tells what to correct."""


def data(text: str) -> None:
    """Writes a line of the command's result to stdout."""
    typer.echo(text)


def say(text: str) -> None:
    """Writes a message for people to stderr."""
    typer.echo(text, err=True)


def author(by: str | None) -> str:
    """The author of a change: the value of ``--by``, otherwise the user of this system."""
    if by:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        return "unknown"


def moment(text: str, otherwise: str = "") -> datetime:
    """Parse the time in an option's text. Raises typer.BadParameter.

    ``otherwise`` lists the option's other values for the error's text, like "earliest, latest or ".
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"is {otherwise}a time like 2026-11-23T10:00:00Z") from None
    if time.tzinfo is None:
        raise typer.BadParameter(f"a time needs its zone: {text}Z in UTC, {text}+03:00 east of it")
    return time


def asynchronous(command: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Makes a plain function of an async command, as typer needs it."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def awaited() -> None:
            await command(*args, **kwargs)

        asyncio.run(awaited())

    return run


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[postgres.Connection]:
    """A connection to Postgres with the timeouts of a batch. Raises UnavailableError or RejectedError."""
    with postgres_trouble():
        async with postgres.connected(
            settings.dsn, application_name="salesplan", settings=postgres.BATCH_SETTINGS
        ) as connection:
            yield connection


@contextmanager
def postgres_trouble() -> Iterator[None]:
    """Turns a temporary error of Postgres into UnavailableError, and a refusal into RejectedError."""
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


def run_guarded(app: Callable[[], None]) -> int:
    """Runs the commands, and returns the exit code. An expected error becomes one readable line."""
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
    """True for trouble with Postgres or Kafka. Kafka's is only known once a command has loaded Kafka's client."""
    kafka = sys.modules.get("worker.kafka")
    return isinstance(error, postgres.TROUBLE) or bool(
        kafka and isinstance(error, kafka.TROUBLE) and not kafka.is_bug(error)
    )
