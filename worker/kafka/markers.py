"""Transactions that brokers say are over, and that are not.

A coordinator takes a partition that has no leader at that moment for deleted: it leaves the partition's marker out, of
a commit or of an abort, and says that the transaction is over (KAFKA-20734; seen with Kafka 4.3.1 when a single broker
was restarted in order). What is there stays open until the same producer's next transaction over the partition ends,
and ends as that one does; a position that went with it likewise.

So who has committed looks for leaders and for his position before he begins another, and otherwise stops. Who comes
after him asks how the last transaction ended, and ends one of nothing over the same topics in the same way, before he
does anything else.
"""

from __future__ import annotations

from collections.abc import Collection

from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields

from worker.kafka.metadata import visible_of

# States of a last transaction that was aborted, or will be by whoever starts a producer next.
ABORTED = ("Ongoing", "PrepareAbort", "CompleteAbort", "PrepareEpochFence")
NOT_FOUND = 105  # the broker's code for a transactional id that was never used, or not for long


class NoLeaderError(KafkaError):
    """What is ended now may lack its marker in these partitions."""


async def check_led(client: AIOKafkaClient, topics: Collection[str], node: int | None = None) -> None:
    """Raises NoLeaderError where a partition of theirs has no leader, as the node knows; by default any one."""
    for topic in await visible_of(client, topics, node) if topics else ():
        if topic["error_code"] or any(partition["leader"] < 0 for partition in topic["partitions"]):
            raise NoLeaderError(f"{topic['topic']} has partitions without a leader")


async def transaction_state(client: AIOKafkaClient, transactional_id: str) -> str | None:
    """What the id's coordinator says of its last transaction; None where it is not known. Raises KafkaError."""
    node = await client.coordinator_lookup(CoordinationType.TRANSACTION, transactional_id)
    try:
        answer = await client.send(node, _DescribeTransaction(transactional_id))
    except IncompatibleBrokerVersion:  # before 3.0
        return None
    ((code, _, state, *_),) = answer.transactions
    if code and code != NOT_FOUND:
        raise for_code(code)(transactional_id)
    return state or None


class _DescribeTransactionsResponse_v0(Response):  # noqa: N801 -- named as the client names its own
    API_KEY = 65
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "transactions",
            CompactArray(
                ("error_code", Int16),
                ("transactional_id", CompactString()),
                ("state", CompactString()),
                ("timeout_ms", Int32),
                ("start_time_ms", Int64),
                ("producer_id", Int64),
                ("producer_epoch", Int16),
                (
                    "topics",
                    CompactArray(
                        ("topic", CompactString()), ("partitions", CompactArray(Int32)), ("tags", TaggedFields)
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _DescribeTransactionsRequest_v0(RequestStruct):  # noqa: N801 -- as above
    FLEXIBLE_VERSION = True
    API_KEY = 65
    API_VERSION = 0
    RESPONSE_TYPE = _DescribeTransactionsResponse_v0
    SCHEMA = Schema(("transactional_ids", CompactArray(CompactString())), ("tags", TaggedFields))


class _DescribeTransaction(Request[_DescribeTransactionsRequest_v0]):
    API_KEY = 65

    def __init__(self, transactional_id: str) -> None:
        self._transactional_id = transactional_id

    def build(self, request_struct_class: type[_DescribeTransactionsRequest_v0]) -> _DescribeTransactionsRequest_v0:
        return request_struct_class(transactional_ids=[self._transactional_id], tags={})
