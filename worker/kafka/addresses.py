"""Addresses of brokers that this process has come to know: the way in where none of the configured ones leads there.

The configured addresses come first. So another cluster that has taken over a former broker's address is met only where
the configured ones are gone as well; the ids of the topics tell it apart then (`worker.intake.positions`).
"""

from __future__ import annotations

import asyncio
from functools import partial

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError

from worker.kafka.insides import Bootstrap, bootstrap_servers, other_bootstrap_servers, replace_bootstrap

CONFIGURED_TIMEOUT = 5.0  # seconds for the configured addresses, where others are known; starting a client may take 20

_known: dict[str, tuple[str, ...]] = {}  # by what is configured


def remember(client: AIOKafkaClient) -> None:
    """Keep the addresses of the brokers that the client was last told of, in place of earlier ones."""
    configured = bootstrap_servers(client)
    if brokers := client.cluster.brokers():
        found = {_address(broker.host, broker.port) for broker in brokers}
        _known[configured] = tuple(sorted(found - set(configured.split(","))))


def try_known_too(client: AIOKafkaClient) -> None:
    """Have the client begin at addresses that are known, where it finds no way in at the configured ones."""
    if known := _known.get(bootstrap_servers(client)):
        replace_bootstrap(client, partial(_bootstrap, client, list(known)))


async def _bootstrap(client: AIOKafkaClient, known: list[str], bootstrap: Bootstrap) -> None:
    try:
        async with asyncio.timeout(CONFIGURED_TIMEOUT):
            return await bootstrap()
    except (KafkaConnectionError, TimeoutError):
        with other_bootstrap_servers(client, known):
            return await bootstrap()


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
