"""Asks brokers about topics, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from random import shuffle
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NodeNotReadyError, TopicAuthorizationFailedError

from worker.kafka.requests.metadata import MetadataRequest

PATIENCE = 3.0  # seconds, with a broker where there are others


class NoLeaderError(KafkaError):
    """A partition has no leader now, or its topic does not exist."""


async def metadata_of(client: AIOKafkaClient, topics: Collection[str], node: int | None = None) -> dict[str, Any]:
    """What the node, or whichever broker answers first when asked in turn, tells in the words of the protocol.

    A topic that is missing or may not be looked at has its ``error_code``. Raises KafkaError, and TimeoutError where
    of several brokers none answers.
    """
    nodes = [broker.nodeId for broker in client.cluster.brokers()] if node is None else [node]
    shuffle(nodes)
    patience = PATIENCE if len(nodes) > 1 else None
    trouble: KafkaError | TimeoutError = NodeNotReadyError("no broker is known")
    for one in nodes:
        try:
            async with asyncio.timeout(patience):
                answer: Any = await client.send(one, MetadataRequest(sorted(topics)))
        except (KafkaError, TimeoutError) as error:
            trouble = error
            continue
        found: dict[str, Any] = answer.to_object()
        return found
    raise trouble


async def visible_of(client: AIOKafkaClient, topics: Collection[str], node: int | None = None) -> list[dict[str, Any]]:
    """As ``metadata_of``, the topics alone. Raises KafkaError, also where one may not be looked at."""
    found: list[dict[str, Any]] = (await metadata_of(client, topics, node))["topics"]
    if hidden := hidden_among(found):
        raise TopicAuthorizationFailedError(hidden)
    return found


async def check_leaders(client: AIOKafkaClient, topics: Collection[str], node: int | None = None) -> None:
    """Raises NoLeaderError where a partition of the topics has no leader, as the node knows; by default any one."""
    for topic in await visible_of(client, topics, node) if topics else ():
        if topic["error_code"] or any(partition["leader"] < 0 for partition in topic["partitions"]):
            raise NoLeaderError(f"{topic['topic']} has partitions without a leader")


def hidden_among(topics: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Those that may not be looked at, so that nobody knows whether they exist."""
    return frozenset(found["topic"] for found in topics if found["error_code"] == TopicAuthorizationFailedError.errno)
