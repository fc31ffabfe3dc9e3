"""A commit that brokers have answered, and whether it is there.

A coordinator takes a partition that has no leader at that moment for deleted: it leaves the partition's marker out and
says all the same that the transaction is committed (KAFKA-20734; seen with Kafka 4.3.1, where a single broker is
restarted in order). The records there stay open until the same producer's next transaction over the partition ends, and
are dropped if that one is aborted; a position that went with them likewise.

So who has committed looks for leaders and for the position before he begins another, and otherwise stops; and who comes
after him commits once more over the same partitions before he does anything else.
"""

from __future__ import annotations

from collections.abc import Collection

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest

from worker.kafka.metadata import visible_of


class NoLeaderError(KafkaError):
    """What is committed now may lack its marker in these partitions."""


async def check_led(client: AIOKafkaClient, topics: Collection[str], node: int | None = None) -> None:
    """Raises NoLeaderError where a partition of theirs has no leader, as the node knows; by default any one."""
    for topic in await visible_of(client, topics, node) if topics else ():
        if topic["error_code"] or any(partition["leader"] < 0 for partition in topic["partitions"]):
            raise NoLeaderError(f"{topic['topic']} has partitions without a leader")


async def published(client: AIOKafkaClient, node: int, publisher_id: str, position_topic: str) -> int:
    """The last sequence that a slot is known to Kafka to have published; 0 = none.

    ``node`` coordinates the slot's group. Raises KafkaError, also while it does not know: aiokafka's admin client drops
    the answer's own error, and returns nothing.
    """
    answer = await client.send(node, OffsetFetchRequest(publisher_id, [(position_topic, [0])]))
    if answer.error_code:
        raise for_code(answer.error_code)(publisher_id)
    ((_, ((_, offset, _, code),)),) = answer.topics
    if code:
        raise for_code(code)(publisher_id)
    return max(int(offset) - 1, 0)
