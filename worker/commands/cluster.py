"""Error handling for commands that use Kafka. It is not in the shell, since loading Kafka's client takes time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker import kafka, postgres
from worker.commands.shell import UnavailableError, line, postgres_trouble
from worker.kafka.diagnosis import describe_error
from worker.settings import Settings


@asynccontextmanager
async def servers_trouble(settings: Settings) -> AsyncIterator[None]:
    """Does the work of ``kafka_trouble`` and ``postgres_trouble`` together, for commands that use both servers."""
    with postgres_trouble():
        try:
            yield
        except postgres.UnreachedError:
            raise
        except (OSError, TimeoutError) as error:
            raise UnavailableError(f"Postgres or Kafka: {line(error)}") from error
        except kafka.TROUBLE as error:
            raise UnavailableError(f"Kafka: {await describe_error(settings.kafka, error)}") from error


@asynccontextmanager
async def kafka_trouble(settings: Settings) -> AsyncIterator[None]:
    """Turns trouble with Kafka into UnavailableError."""
    try:
        yield
    except kafka.TROUBLE as error:
        raise UnavailableError(f"Kafka: {await describe_error(settings.kafka, error)}") from error
