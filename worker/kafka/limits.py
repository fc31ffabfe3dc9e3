"""How large a batch of records each topic takes: read from its settings, and learned where a broker refuses one.

A broker measures a batch as it stores it: as it was sent where ``compression.type`` is ``producer``, else compressed
anew. How large that becomes is not known beforehand, so such a topic is taken to store about what its records have
uncompressed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from worker.kafka import RefusalError
from worker.kafka.record_batch import BATCH_BYTES, BATCH_OVERHEAD, wire_size
from worker.kafka.throttle import Throttle
from worker.records.message import Message

KAFKA_DEFAULT = 1_048_588  # bytes, where the setting of a topic may not be read
AS_SENT = "producer"
LARGEST_ANNOUNCEMENT = 16_384  # bytes; with ids and names as long as the contract lets them be it is a third of this
LEARNED_SECONDS = 60.0  # that a refusal counts for more than what the settings say

# A compressor makes what it can't shrink larger: by a hundredth at most, and by its own header.
GROWTH_PERCENT = 1
CODEC_OVERHEAD = 1024  # bytes


class Limit(NamedTuple):
    """Bytes of a batch that a topic takes; ``as_sent``: it keeps the compression that a batch came with."""

    bytes: int
    as_sent: bool = True

    @classmethod
    def of(cls, max_message_bytes: int, compression: str) -> Limit:
        """What these two settings of a topic come to."""
        if compression == AS_SENT:
            return cls(max_message_bytes)
        return cls((max_message_bytes - CODEC_OVERHEAD) * 100 // (100 + GROWTH_PERCENT), as_sent=False)


class MessageTooLargeError(RefusalError):
    """A batch is larger than its topic takes."""

    def __init__(self, topic: str, size: int) -> None:
        # Rounded, so that one message after the other makes the same line in the log.
        wanted = max(LARGEST_ANNOUNCEMENT, 1 << (size - 1).bit_length())
        super().__init__(f"{topic} refuses a batch of up to {wanted} bytes; {raise_limit(topic, wanted)}")
        self.topic = topic
        self.size = size


def raise_limit(topic: str, size: int) -> str:
    """The remedy, as a command; the address of the brokers has to be added."""
    return (
        f"raise its limit: kafka-configs.sh --alter --entity-type topics --entity-name {topic} "
        f"--add-config max.message.bytes={size}"
    )


class Limits:
    """The limits of the topics that are written to. Renewed at intervals, since they can be changed at any time.

    ``throttle`` is how brokers limit the rate.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, throttle: Throttle | None = None) -> None:
        self.throttle = throttle or Throttle()
        self._clock = clock
        self._known: Mapping[str, Limit] = {}
        self._learned: dict[str, tuple[int, float]] = {}  # bytes, and until when that counts

    def renew(self, known: Mapping[str, Limit]) -> None:
        """The topics' settings say this now."""
        self._known = known

    def refused(self, topic: str, size: int, records: int) -> None:
        """A broker has refused a batch of this size: the settings that were read are not those it goes by."""
        self._learned[topic] = (size // 2 if records > 1 else size - 1, self._clock() + LEARNED_SECONDS)

    def of(self, topic: str) -> Limit:
        """What the topic takes, as far as is known; Kafka's default where nothing is."""
        known = self._known.get(topic, Limit(KAFKA_DEFAULT))
        learned, until = self._learned.get(topic, (known.bytes, 0.0))
        if self._clock() >= until:
            return known
        return known._replace(bytes=min(known.bytes, learned))

    def by_topic(self) -> dict[str, int]:
        """The bytes of every topic whose settings were read."""
        return {topic: self.of(topic).bytes for topic in self._known}

    def of_records(self, topic: str) -> int:
        """Bytes of uncompressed records that one batch for the topic may hold, unless it holds one record only."""
        return min(BATCH_BYTES, self.of(topic).bytes - BATCH_OVERHEAD)

    def size_of(self, message: Message) -> int:
        """Bytes of the smallest batch that holds the message, as its topic counts them."""
        limit = self.of(message.topic)
        uncompressed = BATCH_OVERHEAD + len(message.encoded)
        if uncompressed <= limit.bytes or not limit.as_sent:
            return uncompressed
        return wire_size(message.encoded)

    def fits(self, message: Message) -> bool:
        """True where its topic takes the message."""
        return self.size_of(message) <= self.of(message.topic).bytes

    def require(self, announcements: Sequence[Message]) -> None:
        """Raises MessageTooLargeError where one is more than its topic takes. All are for one topic."""
        if announcements and self.of(announcements[0].topic).bytes < LARGEST_ANNOUNCEMENT:
            for message in announcements:
                if not self.fits(message):
                    raise MessageTooLargeError(message.topic, self.size_of(message))
