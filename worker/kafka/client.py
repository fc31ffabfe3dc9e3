"""What every Kafka client of ours is told: where the brokers are and how to speak to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeAlias

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.helpers import create_ssl_context

from worker.kafka.asking import forbid_making
from worker.kafka.tokens import tokens_of
from worker.settings.kafka import BY_TOKEN, Kafka

Client: TypeAlias = AIOKafkaConsumer | AIOKafkaProducer | AIOKafkaAdminClient

CLIENT_ID = "salesplan"  # what brokers and other programs of the group are shown
REQUEST_TIMEOUT_MS = 15_000
START_TIMEOUT = 20.0  # several brokers may have to be tried, and to be waited for
STOP_TIMEOUT = 2.0

forbid_making()  # here, as every client of ours takes its options from this module


def client_options(settings: Kafka) -> dict[str, Any]:
    """Arguments that aiokafka's consumer, producer and admin client share."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": CLIENT_ID,
        "security_protocol": settings.security_protocol,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
    }
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
    password = settings.sasl_password
    return {
        "sasl_plain_username": settings.sasl_username,
        "sasl_plain_password": password.get_secret_value() if password else None,
    }


async def start(client: Client) -> None:
    """Connect within bounds. Raises one of ``worker.kafka.TROUBLE``; the client is to be stopped all the same."""
    begin: Callable[[], Coroutine[Any, Any, None]] = client.start
    async with asyncio.timeout(START_TIMEOUT):
        await begin()
    connections = _connections(client)
    if connections._sasl_mechanism == BY_TOKEN and not connections.cluster.brokers():
        # It does not look at what brokers say of a token, and takes itself for logged in.
        raise KafkaConnectionError("the token is refused")


async def stop(client: Client) -> None:
    """Stop a client within bounds: with the brokers away its own ``stop`` may never return."""
    end: Callable[[], Coroutine[Any, Any, None]] = (
        client.close if isinstance(client, AIOKafkaAdminClient) else client.stop
    )
    try:
        async with asyncio.timeout(STOP_TIMEOUT):
            await asyncio.sleep(0)  # a task of the client that was cancelled before its first turn would cancel us
            await end()
    except Exception:  # noqa: BLE001 -- whatever it was: the client is being thrown away
        await _abandon(client)
    except asyncio.CancelledError:
        await _abandon(client)
        if _is_cancelled():
            raise
        # Else it is that of a task of the client's own, which the client waits for. It would end the worker.


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _abandon(client: Any) -> None:
    """Drop what a client that would not stop still holds: its sender task and its sockets."""
    sender = getattr(client, "_sender", None)
    if sender is not None and sender.sender_task is not None:
        sender.sender_task.cancel()
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_TIMEOUT):
            await _connections(client).close()


def _connections(client: Any) -> AIOKafkaClient:
    """What a producer, a consumer and an admin client are all built on."""
    return client.client if isinstance(client, AIOKafkaProducer) else client._client
