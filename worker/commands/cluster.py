"""What commands share that use Kafka; apart from the shell, since loading its client takes time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker import kafka, postgres
from worker.commands.shell import UnavailableError, line, postgres_trouble
from worker.kafka.diagnosis import describe_error
from worker.settings import Settings


@asynccontextmanager
async def servers_trouble(settings: Settings) -> AsyncIterator[None]:
    """As ``kafka_trouble`` and the shell's ``postgres_trouble``, where it may be either."""
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
    """Turns what Kafka can't do now, or not for us, into UnavailableError."""
    try:
        yield
    except kafka.TROUBLE as error:
        raise UnavailableError(f"Kafka: {await describe_error(settings.kafka, error)}") from error
