"""Broker addresses that this process has learned: a way in when none of the configured addresses works.

A client tries the configured addresses first. So it reaches another cluster at a former broker's address only after all
configured addresses have failed. The topic ids show the difference then (`worker.intake.positions`).
"""

from __future__ import annotations

import asyncio
from functools import partial

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError

from worker.kafka.insides import Bootstrap, bootstrap_servers, other_bootstrap_servers, replace_bootstrap

CONFIGURED_TIMEOUT = 5.0  # seconds for the configured addresses, when others are learned; starting a client may take 20

_learned: dict[str, tuple[str, ...]] = {}  # by the configured addresses


def remember(client: AIOKafkaClient) -> None:
    """Store the broker addresses that the client knows now, in place of earlier ones."""
    configured = bootstrap_servers(client)
    if brokers := client.cluster.brokers():
        found = {_address(broker.host, broker.port) for broker in brokers}
        _learned[configured] = tuple(sorted(found - set(configured.split(","))))


def fall_back_on_learned(client: AIOKafkaClient) -> None:
    """Make the client's start try the learned addresses after the configured ones fail."""
    if learned := _learned.get(bootstrap_servers(client)):
        replace_bootstrap(client, partial(_bootstrap, client, list(learned)))


async def _bootstrap(client: AIOKafkaClient, learned: list[str], bootstrap: Bootstrap) -> None:
    try:
        async with asyncio.timeout(CONFIGURED_TIMEOUT):
            return await bootstrap()
    except (KafkaConnectionError, TimeoutError):
        with other_bootstrap_servers(client, learned):
            return await bootstrap()


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
