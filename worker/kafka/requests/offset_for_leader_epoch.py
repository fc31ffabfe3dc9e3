"""OffsetForLeaderEpoch in version 3 (Kafka 2.3): the end of a leader epoch in a partition's log.

aiokafka has no such request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Int16, Int32, Int64, Schema, String

from worker.records.record import Partition


class OffsetForLeaderEpochResponse_v3(Response):  # noqa: N801 -- named as the client names its own
    API_KEY = 23
    API_VERSION = 3
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            Array(
                ("topic", String()),
                (
                    "partitions",
                    Array(("error_code", Int16), ("partition", Int32), ("leader_epoch", Int32), ("end_offset", Int64)),
                ),
            ),
        ),
    )


class OffsetForLeaderEpochRequest_v3(RequestStruct):  # noqa: N801 -- as above
    API_KEY = 23
    API_VERSION = 3
    RESPONSE_TYPE = OffsetForLeaderEpochResponse_v3
    SCHEMA = Schema(
        ("replica_id", Int32),
        (
            "topics",
            Array(
                ("topic", String()),
                ("partitions", Array(("partition", Int32), ("current_leader_epoch", Int32), ("leader_epoch", Int32))),
            ),
        ),
    )


class OffsetForLeaderEpochRequest(Request[OffsetForLeaderEpochRequest_v3]):
    """Brokers before 2.3 refuse this request. They also report no epochs, so the worker has nothing to ask them."""

    API_KEY = 23

    def __init__(self, epochs: Mapping[Partition, tuple[int, int]]) -> None:
        """``epochs`` gives, by partition, the epoch of its present leader and the epoch to look up."""
        self._topics: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for (topic, number), (current, asked) in epochs.items():
            self._topics[topic].append((number, current, asked))

    def build(self, request_struct_class: type[OffsetForLeaderEpochRequest_v3]) -> OffsetForLeaderEpochRequest_v3:
        return request_struct_class(replica_id=-1, topics=list(self._topics.items()))
