"""ConsumerGroupDescribe (KIP-848, Kafka 4.0): a group in which some member uses the newer group protocol.

One such consumer changes the kind of the whole group: brokers assign its partitions, and workers go on in it as before.
The coordinator answers the older request as if the group were dead. aiokafka has no such request.
"""

from __future__ import annotations

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from worker.kafka.requests.types import Uuid

_ASSIGNMENT = Schema(
    (
        "topic_partitions",
        CompactArray(
            ("topic_id", Uuid),
            ("topic_name", CompactString()),
            ("partitions", CompactArray(Int32)),
            ("tags", TaggedFields),
        ),
    ),
    ("tags", TaggedFields),
)


class ConsumerGroupDescribeResponse_v0(Response):  # noqa: N801 -- named as the client names its own
    API_KEY = 69
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "groups",
            CompactArray(
                ("error_code", Int16),
                ("error_message", CompactString()),
                ("group_id", CompactString()),
                ("group_state", CompactString()),
                ("group_epoch", Int32),
                ("assignment_epoch", Int32),
                ("assignor_name", CompactString()),
                (
                    "members",
                    CompactArray(
                        ("member_id", CompactString()),
                        ("instance_id", CompactString()),
                        ("rack_id", CompactString()),
                        ("member_epoch", Int32),
                        ("client_id", CompactString()),
                        ("client_host", CompactString()),
                        ("subscribed_topic_names", CompactArray(CompactString())),
                        ("subscribed_topic_regex", CompactString()),
                        ("assignment", _ASSIGNMENT),
                        ("target_assignment", _ASSIGNMENT),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class ConsumerGroupDescribeRequest_v0(RequestStruct):  # noqa: N801 -- as above
    FLEXIBLE_VERSION = True
    API_KEY = 69
    API_VERSION = 0
    RESPONSE_TYPE = ConsumerGroupDescribeResponse_v0
    SCHEMA = Schema(
        ("group_ids", CompactArray(CompactString())),
        ("include_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class ConsumerGroupDescribeRequest(Request[ConsumerGroupDescribeRequest_v0]):
    API_KEY = 69

    def __init__(self, group_id: str) -> None:
        self._group_id = group_id

    def build(self, request_struct_class: type[ConsumerGroupDescribeRequest_v0]) -> ConsumerGroupDescribeRequest_v0:
        return request_struct_class(group_ids=[self._group_id], include_authorized_operations=False, tags={})
