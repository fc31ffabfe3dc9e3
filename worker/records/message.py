"""A record to publish."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from worker.records.encoding import decode, encode
from worker.records.record import Header


class Message(NamedTuple):
    """One record to publish. Where ``partition`` is None, the hash of the key chooses it, as in every Kafka client."""

    topic: str
    partition: int | None
    key: bytes | None
    encoded: bytes  # key, value and headers, by `worker.records.encoding`; outbox and Kafka get these bytes

    @classmethod
    def of(
        cls, topic: str, partition: int | None, key: bytes | None, value: bytes | None, headers: Sequence[Header]
    ) -> Self:
        """Make a message from its parts."""
        return cls(topic, partition, key, encode(key, value, headers))

    @property
    def value(self) -> bytes | None:
        """The record's value. Each call decodes it."""
        return decode(self.encoded)[1]

    @property
    def headers(self) -> Sequence[Header]:
        """The record's headers. Each call decodes them."""
        return decode(self.encoded)[2]
