"""What brokers tell of topics, asked by name. The client's own requests are too old for ids and rights of topics."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from io import BytesIO
from random import shuffle
from typing import Any
from uuid import UUID

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NodeNotReadyError, TopicAuthorizationFailedError
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.metadata import MetadataRequest_v5
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

NO_ID = UUID(int=0)
PATIENCE = 3.0  # seconds, with a broker where there are others


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
                answer: Any = await client.send(one, _MetadataRequest(sorted(topics)))
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


def hidden_among(topics: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Those that may not be looked at, so that nobody knows whether they exist."""
    return frozenset(found["topic"] for found in topics if found["error_code"] == TopicAuthorizationFailedError.errno)


class Uuid(AbstractType[UUID]):
    """Of topics; the client has no such type."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


class _MetadataResponse_v10(Response):  # noqa: N801 -- named as the client names its own
    API_KEY = 3
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString()),
                ("port", Int32),
                ("rack", CompactString()),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", CompactString()),
                ("topic_id", Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("authorized_operations", Int32),
        ("tags", TaggedFields),
    )


class _MetadataRequest_v10(RequestStruct):  # noqa: N801 -- as above
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 10
    RESPONSE_TYPE = _MetadataResponse_v10
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", Uuid), ("topic", CompactString()), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _MetadataRequest(Request[MetadataRequest_v5 | _MetadataRequest_v10]):
    """By the newest version that the broker takes; one older than 2.8 knows no ids of topics, and tells no rights."""

    API_KEY = 3

    def __init__(self, topics: list[str]) -> None:
        self._topics = topics

    def build(
        self, request_struct_class: type[MetadataRequest_v5 | _MetadataRequest_v10]
    ) -> MetadataRequest_v5 | _MetadataRequest_v10:
        if request_struct_class is _MetadataRequest_v10:
            return _MetadataRequest_v10(
                topics=[(NO_ID, topic, {}) for topic in self._topics],
                allow_auto_topic_creation=False,
                include_cluster_authorized_operations=False,
                include_topic_authorized_operations=True,
                tags={},
            )
        return MetadataRequest_v5(topics=self._topics, allow_auto_topic_creation=False)
