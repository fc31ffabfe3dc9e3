"""The published position of a slot, as Kafka stores it."""

from __future__ import annotations

from typing import NamedTuple

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.commit import OffsetFetchRequest

MARK = "salesplan"  # the metadata of a position that a worker has committed; tools that reset offsets leave it empty


class Published(NamedTuple):
    """A slot's position in Kafka: an offset, negative if there is none, and the metadata of its commit."""

    offset: int
    metadata: str

    @property
    def sequence(self) -> int:
        """The number of the last published row; 0 if there is none."""
        return max(self.offset - 1, 0)

    @property
    def is_ours(self) -> bool:
        """True if a worker of this release has committed the position, or if there is none."""
        return self.offset < 0 or self.metadata == MARK


async def position(client: AIOKafkaClient, node: int, publisher_id: str, position_topic: str) -> Published:
    """Fetch a slot's position from ``node``, the coordinator of the slot's group.

    Raises KafkaError, also while the coordinator does not know the position. aiokafka's admin client would drop the
    answer's own error and return nothing.
    """
    answer = await client.send(node, OffsetFetchRequest(publisher_id, [(position_topic, [0])]))
    if answer.error_code:
        raise for_code(answer.error_code)(publisher_id)
    ((_, ((_, offset, metadata, code),)),) = answer.topics
    if code:
        raise for_code(code)(publisher_id)
    return Published(offset, metadata or "")
