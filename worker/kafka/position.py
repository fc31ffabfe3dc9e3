"""Up to where a slot has published, as Kafka has it."""

from __future__ import annotations

from typing import NamedTuple

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.commit import OffsetFetchRequest

MARK = "salesplan"  # in the metadata of a position that we have committed; tools that reset offsets leave it empty


class Published(NamedTuple):
    """What Kafka holds of a slot: an offset, negative where there is none, and what was committed with it."""

    offset: int
    metadata: str

    @property
    def sequence(self) -> int:
        """The last row that is out by this, 0 for none."""
        return max(self.offset - 1, 0)

    @property
    def is_ours(self) -> bool:
        """Whether a worker of this release has committed it; also where there is none."""
        return self.offset < 0 or self.metadata == MARK


async def position(client: AIOKafkaClient, node: int, publisher_id: str, position_topic: str) -> Published:
    """What Kafka holds of a slot.

    ``node`` coordinates the slot's group. Raises KafkaError, also while it does not know: aiokafka's admin client drops
    the answer's own error, and returns nothing.
    """
    answer = await client.send(node, OffsetFetchRequest(publisher_id, [(position_topic, [0])]))
    if answer.error_code:
        raise for_code(answer.error_code)(publisher_id)
    ((_, ((_, offset, metadata, code),)),) = answer.topics
    if code:
        raise for_code(code)(publisher_id)
    return Published(offset, metadata or "")
