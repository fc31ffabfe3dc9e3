"""Types of the protocol that aiokafka lacks."""

from io import BytesIO
from uuid import UUID

from aiokafka.protocol.abstract import AbstractType


class Uuid(AbstractType[UUID]):
    """The id of a topic, in 16 bytes."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))
