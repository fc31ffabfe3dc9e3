"""The size of batch that each topic accepts: read from its settings, and learned when a broker refuses a batch.

A broker measures a batch in the form in which it stores it. With ``compression.type`` ``producer`` it stores the batch
as it was sent; otherwise it compresses the batch again. Nobody knows that size in advance. For such a topic the worker
therefore counts the uncompressed records.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from worker.kafka import RefusalError
from worker.kafka.record_batch import BATCH_BYTES, BATCH_OVERHEAD, wire_size
from worker.kafka.throttle import Throttle
from worker.records.message import Message

KAFKA_DEFAULT = 1_048_588  # bytes; used for a topic whose setting the user may not read
AS_SENT = "producer"
LARGEST_ANNOUNCEMENT = 16_384  # bytes; three times the size with the longest ids and names that the contract allows
LEARNED_SECONDS = 60.0  # seconds for which a refusal counts more than the settings

# Incompressible data grows: by a hundredth at most, and by the compressor's own header.
GROWTH_PERCENT = 1
CODEC_OVERHEAD = 1024  # bytes


class Limit(NamedTuple):
    """Largest batch of a topic, in bytes. ``as_sent`` means that the topic keeps the compression of the batch."""

    bytes: int
    as_sent: bool = True

    @classmethod
    def of(cls, max_message_bytes: int, compression: str) -> Limit:
        """Derive the limit from these two settings of a topic."""
        if compression == AS_SENT:
            return cls(max_message_bytes)
        return cls((max_message_bytes - CODEC_OVERHEAD) * 100 // (100 + GROWTH_PERCENT), as_sent=False)


class MessageTooLargeError(RefusalError):
    """A batch is larger than its topic accepts."""

    def __init__(self, topic: str, size: int) -> None:
        # Rounded, so that several messages in a row make the same line in the log.
        wanted = max(LARGEST_ANNOUNCEMENT, 1 << (size - 1).bit_length())
        super().__init__(f"{topic} refuses a batch of up to {wanted} bytes; {raise_limit(topic, wanted)}")
        self.topic = topic
        self.size = size


def raise_limit(topic: str, size: int) -> str:
    """The remedy as a command, without the address of the brokers."""
    return (
        f"raise its limit: kafka-configs.sh --alter --entity-type topics --entity-name {topic} "
        f"--add-config max.message.bytes={size}"
    )


class Limits:
    """The limits of the output topics. The worker renews them at intervals, since anybody can change them at any time.

    ``throttle`` is how brokers limit the rate.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, throttle: Throttle | None = None) -> None:
        self.throttle = throttle or Throttle()
        self._clock = clock
        self._configured: Mapping[str, Limit] = {}
        self._learned: dict[str, tuple[int, float]] = {}  # bytes, and the time until which they count

    def renew(self, configured: Mapping[str, Limit]) -> None:
        """Take the limits from the topics' settings."""
        self._configured = configured

    def note_refusal(self, topic: str, size: int, records: int) -> None:
        """Lower the limit after a broker has refused a batch of this size: it uses other settings than the worker has
        read.
        """
        self._learned[topic] = (size // 2 if records > 1 else size - 1, self._clock() + LEARNED_SECONDS)

    def of(self, topic: str) -> Limit:
        """The limit of the topic; Kafka's default if its settings are unknown."""
        configured = self._configured.get(topic, Limit(KAFKA_DEFAULT))
        learned, until = self._learned.get(topic, (configured.bytes, 0.0))
        if self._clock() >= until:
            return configured
        return configured._replace(bytes=min(configured.bytes, learned))

    def by_topic(self) -> dict[str, int]:
        """The largest batch in bytes by topic, for every topic whose settings the worker has read."""
        return {topic: self.of(topic).bytes for topic in self._configured}

    def of_records(self, topic: str) -> int:
        """The bytes of uncompressed records that one batch for the topic may hold. A single record may be larger."""
        return min(BATCH_BYTES, self.of(topic).bytes - BATCH_OVERHEAD)

    def size_of(self, message: Message) -> int:
        """The size in bytes of a batch that holds only this message, as its topic measures it."""
        limit = self.of(message.topic)
        uncompressed = BATCH_OVERHEAD + len(message.encoded)
        if uncompressed <= limit.bytes or not limit.as_sent:
            return uncompressed
        return wire_size(message.encoded)

    def fits(self, message: Message) -> bool:
        """True if the message's topic accepts it."""
        return self.size_of(message) <= self.of(message.topic).bytes

    def require(self, announcements: Sequence[Message]) -> None:
        """Raise MessageTooLargeError if an announcement is larger than its topic accepts. All are for one topic."""
        if announcements and self.of(announcements[0].topic).bytes < LARGEST_ANNOUNCEMENT:
            for message in announcements:
                if not self.fits(message):
                    raise MessageTooLargeError(message.topic, self.size_of(message))
