"""Metadata in version 10 (Kafka 2.8): ids of topics, epochs of leaders, and the rights that the user has on a topic.

aiokafka ends at version 5, which has none of these.
"""

from __future__ import annotations

from uuid import UUID

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.metadata import MetadataRequest_v5
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from worker.kafka.requests.types import Uuid

NO_ID = UUID(int=0)


class MetadataResponse_v10(Response):  # noqa: N801 -- named as the client names its own
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


class MetadataRequest_v10(RequestStruct):  # noqa: N801 -- as above
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 10
    RESPONSE_TYPE = MetadataResponse_v10
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", Uuid), ("topic", CompactString()), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class MetadataRequest(Request[MetadataRequest_v5 | MetadataRequest_v10]):
    """Uses the newest version that the broker supports. A broker before 2.8 has no topic ids and reports no rights.

    The request never creates a topic, whatever the brokers' ``auto.create.topics.enable`` says.
    """

    API_KEY = 3

    def __init__(self, topics: list[str]) -> None:
        self._topics = topics

    def build(
        self, request_struct_class: type[MetadataRequest_v5 | MetadataRequest_v10]
    ) -> MetadataRequest_v5 | MetadataRequest_v10:
        if request_struct_class is MetadataRequest_v10:
            return MetadataRequest_v10(
                topics=[(NO_ID, topic, {}) for topic in self._topics],
                allow_auto_topic_creation=False,
                include_cluster_authorized_operations=False,
                include_topic_authorized_operations=True,
                tags={},
            )
        return MetadataRequest_v5(topics=self._topics, allow_auto_topic_creation=False)
