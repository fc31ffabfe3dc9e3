"""Up to where a slot has published, as Kafka has it."""

from __future__ import annotations

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.commit import OffsetFetchRequest


async def position(client: AIOKafkaClient, node: int, publisher_id: str, position_topic: str) -> int:
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
