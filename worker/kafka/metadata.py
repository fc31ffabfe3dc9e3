"""Asks brokers about topics, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from random import shuffle
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NodeNotReadyError, TopicAuthorizationFailedError

from worker.kafka.requests.metadata import MetadataRequest

PATIENCE = 3.0  # seconds to wait for one broker when there are others


class NoLeaderError(KafkaError):
    """A partition has no leader now, or its topic does not exist."""


async def metadata_of(client: AIOKafkaClient, topics: Collection[str], node: int | None = None) -> dict[str, Any]:
    """Ask the node, or the brokers in turn until one answers. Returns the answer with the protocol's field names.

    A missing topic has an ``error_code``, and so has a topic that the user may not describe. Raises KafkaError, and
    TimeoutError if there are several brokers and none of them answers.
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
    """Return only the topics of ``metadata_of``. Raises KafkaError, also if the user may not describe one of them."""
    found: list[dict[str, Any]] = (await metadata_of(client, topics, node))["topics"]
    if hidden := hidden_among(found):
        raise TopicAuthorizationFailedError(hidden)
    return found


async def check_leaders(client: AIOKafkaClient, topics: Collection[str], node: int | None = None) -> None:
    """Raise NoLeaderError if a partition has no leader. The node answers, or any broker by default."""
    for topic in await visible_of(client, topics, node) if topics else ():
        if topic["error_code"] or any(partition["leader"] < 0 for partition in topic["partitions"]):
            raise NoLeaderError(f"{topic['topic']} has partitions without a leader")


def hidden_among(topics: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Topics that the user may not describe. Nobody can tell if they exist."""
    return frozenset(found["topic"] for found in topics if found["error_code"] == TopicAuthorizationFailedError.errno)
