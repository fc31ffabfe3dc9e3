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

from worker.kafka.metadata import visible_of
from worker.kafka.requests.describe_transactions import DescribeTransactionsRequest

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
        answer = await client.send(node, DescribeTransactionsRequest(transactional_id))
    except IncompatibleBrokerVersion:  # before 3.0
        return None
    ((code, _, state, *_),) = answer.transactions
    if code and code != NOT_FOUND:
        raise for_code(code)(transactional_id)
    return state or None
