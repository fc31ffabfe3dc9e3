"""Makes, starts and stops clients: the address of the brokers, and the way to log in."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.helpers import create_ssl_context

from worker.kafka.addresses import fall_back_on_learned, remember
from worker.kafka.insides import (
    Client,
    cancel_sender,
    connections,
    forbid_topic_creation,
    renew_credentials,
    sasl_mechanism,
)
from worker.kafka.tokens import tokens_of
from worker.kafka.unpacking import bound_unpacking
from worker.settings.kafka import BY_TOKEN, Kafka

CLIENT_ID = "salesplan"  # brokers and the group's other programs see this name
REQUEST_TIMEOUT_MS = 15_000
START_TIMEOUT = 20.0  # seconds; the client may have to try several brokers, and to wait for each
STOP_TIMEOUT = 2.0

# These calls stand here because every client of ours takes its options from this module.
forbid_topic_creation()
bound_unpacking()


def client_options(settings: Kafka) -> dict[str, Any]:
    """Build the arguments that aiokafka's consumer, producer and admin client share. Each call reads the files again.

    Raises OSError if a certificate file can't be used.
    """
    return {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": CLIENT_ID,
        "security_protocol": settings.security_protocol,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
        **_credential_options(settings),
    }


def _credential_options(settings: Kafka) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = create_ssl_context(
            cafile=settings.ssl_cafile, certfile=settings.ssl_certfile, keyfile=settings.ssl_keyfile
        )
    if settings.security_protocol.startswith("SASL"):
        options |= {"sasl_mechanism": settings.sasl_mechanism, **_login(settings)}
    return options


def _login(settings: Kafka) -> dict[str, Any]:
    if settings.sasl_mechanism == BY_TOKEN:
        return {"sasl_oauth_token_provider": tokens_of(settings)}
    return {"sasl_plain_username": settings.sasl_username, "sasl_plain_password": settings.password_now()}


class Credentials:
    """The secrets and certificates of a long-lived client. It follows changes of their files."""

    def __init__(self, settings: Kafka) -> None:
        self._settings = settings
        self._in_use = self._read()

    def renew(self, client: Client) -> None:
        """Make the client's later connections use changed files. Open connections stay as they are."""
        with suppress(OSError):  # somebody replaces a file at this moment: the next call reads it
            if (found := self._read()) != self._in_use:
                options = _credential_options(self._settings)
                renew_credentials(connections(client), options.get("ssl_context"), options.get("sasl_plain_password"))
                self._in_use = found

    def _read(self) -> tuple[object, ...]:
        settings = self._settings
        paths = filter(None, (settings.ssl_cafile, settings.ssl_certfile, settings.ssl_keyfile))
        files = [os.stat(path) for path in paths]
        return settings.password_now(), *((file.st_ino, file.st_mtime_ns, file.st_size) for file in files)


async def start(client: Client) -> None:
    """Connect within START_TIMEOUT. Raises one of ``worker.kafka.TROUBLE``; the caller then still has to stop the
    client.
    """
    begin: Callable[[], Coroutine[Any, Any, None]] = client.start
    brokers = connections(client)
    fall_back_on_learned(brokers)
    async with asyncio.timeout(START_TIMEOUT):
        await begin()
    remember(brokers)
    if sasl_mechanism(brokers) == BY_TOKEN and not brokers.cluster.brokers():
        # The client ignores the brokers' answer to a token, and believes that it is logged in.
        raise KafkaConnectionError("the token is refused")


async def stop(client: Client) -> None:
    """Stop a client within a few seconds. Its own ``stop`` may never return while the brokers are away."""
    end: Callable[[], Coroutine[Any, Any, None]] = (
        client.close if isinstance(client, AIOKafkaAdminClient) else client.stop
    )
    # The client waits for tasks that it has cancelled, and would pass their cancellation on to this task. So it stops
    # in a task of its own.
    ending = asyncio.create_task(end())
    try:
        await asyncio.wait({ending}, timeout=STOP_TIMEOUT)
    finally:
        if not ending.done() or ending.cancelled() or ending.exception():
            ending.cancel()
            await _abandon(client)


async def _abandon(client: Client) -> None:
    """Drop the sender task and the sockets of a client that did not stop in time."""
    cancel_sender(client)
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_TIMEOUT):
            await connections(client).close()
