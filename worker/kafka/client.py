"""Makes, starts and stops clients: where the brokers are, and how to speak to them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.helpers import create_ssl_context

from worker.kafka.addresses import remember, try_known_too
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

CLIENT_ID = "salesplan"  # what brokers and other programs of the group are shown
REQUEST_TIMEOUT_MS = 15_000
START_TIMEOUT = 20.0  # several brokers may have to be tried, and to be waited for
STOP_TIMEOUT = 2.0

# Here, as every client of ours takes its options from this module.
forbid_topic_creation()
bound_unpacking()


def client_options(settings: Kafka) -> dict[str, Any]:
    """Arguments that aiokafka's consumer, producer and admin client share. Files are read anew each time.

    Raises OSError where a file of certificates can't be used.
    """
    return {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": CLIENT_ID,
        "security_protocol": settings.security_protocol,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
        **_identity(settings),
    }


def _identity(settings: Kafka) -> dict[str, Any]:
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


class Identity:
    """Keeps a client that lives for long to what the files of secrets and certificates hold."""

    def __init__(self, settings: Kafka) -> None:
        self._settings = settings
        self._seen = self._look()

    def renew(self, client: Client) -> None:
        """Let the client's later connections use what has changed; open connections stay as they are."""
        with suppress(OSError):  # a file is just being replaced: the next look finds it
            if (found := self._look()) != self._seen:
                options = _identity(self._settings)
                renew_credentials(connections(client), options.get("ssl_context"), options.get("sasl_plain_password"))
                self._seen = found

    def _look(self) -> tuple[object, ...]:
        settings = self._settings
        paths = filter(None, (settings.ssl_cafile, settings.ssl_certfile, settings.ssl_keyfile))
        files = [os.stat(path) for path in paths]
        return settings.password_now(), *((file.st_ino, file.st_mtime_ns, file.st_size) for file in files)


async def start(client: Client) -> None:
    """Connect within bounds. Raises one of ``worker.kafka.TROUBLE``; the client is to be stopped all the same."""
    begin: Callable[[], Coroutine[Any, Any, None]] = client.start
    brokers = connections(client)
    try_known_too(brokers)
    async with asyncio.timeout(START_TIMEOUT):
        await begin()
    remember(brokers)
    if sasl_mechanism(brokers) == BY_TOKEN and not brokers.cluster.brokers():
        # It does not look at what brokers say of a token, and takes itself for logged in.
        raise KafkaConnectionError("the token is refused")


async def stop(client: Client) -> None:
    """Stop a client within bounds: with the brokers away its own ``stop`` may never return."""
    end: Callable[[], Coroutine[Any, Any, None]] = (
        client.close if isinstance(client, AIOKafkaAdminClient) else client.stop
    )
    # In a task of its own: the client waits for tasks that it has cancelled, and their cancellation would become ours.
    ending = asyncio.create_task(end())
    try:
        await asyncio.wait({ending}, timeout=STOP_TIMEOUT)
    finally:
        if not ending.done() or ending.cancelled() or ending.exception():
            ending.cancel()
            await _abandon(client)


async def _abandon(client: Client) -> None:
    """Drop what a client that would not stop still holds: its sender task and its sockets."""
    cancel_sender(client)
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_TIMEOUT):
            await connections(client).close()
