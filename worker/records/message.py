"""A record to publish."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from worker.records.encoding import decode, encode
from worker.records.record import Header


class Message(NamedTuple):
    """One record to publish. ``partition`` None: by the hash of the key, as every Kafka client does."""

    topic: str
    partition: int | None
    key: bytes | None
    encoded: bytes  # key, value and headers as `worker.records.encoding` has them: what the outbox keeps and Kafka gets

    @classmethod
    def of(
        cls, topic: str, partition: int | None, key: bytes | None, value: bytes | None, headers: Sequence[Header]
    ) -> Self:
        """One that is to hold this."""
        return cls(topic, partition, key, encode(key, value, headers))

    @property
    def value(self) -> bytes | None:
        """Decoded anew each time."""
        return decode(self.encoded)[1]

    @property
    def headers(self) -> Sequence[Header]:
        """Decoded anew each time."""
        return decode(self.encoded)[2]
