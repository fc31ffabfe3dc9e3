"""Producers of whole batches.

A slot's producer sends each batch in one transaction with the slot's position; the plain one uses no transactions.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import ClassVar

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    IllegalOperation,
    InvalidTimestampError,
    InvalidTransactionTimeout,
    MessageSizeTooLargeError,
)
from aiokafka.structs import OffsetAndMetadata

from worker.concurrency import in_slices
from worker.failpoint import reach
from worker.kafka import RefusalError
from worker.kafka.client import REQUEST_TIMEOUT_MS, client_options, start, stop
from worker.kafka.errors import TransactionFailedError
from worker.kafka.insides import pause_between_transactions
from worker.kafka.limits import Limits, MessageTooLargeError
from worker.kafka.missing_markers import LastTransaction, TransactionEnds
from worker.kafka.partitioner import hashes_of
from worker.kafka.published_position import MARK
from worker.kafka.record_batch import RecordBatch
from worker.kafka.throttle import TRANSACTION_SECONDS, ThrottledClient
from worker.records.message import Message
from worker.records.record import Partition
from worker.settings.kafka import Kafka

PUBLISH_TIMEOUT = 12  # seconds of a transaction of TRANSACTION_SECONDS; the same share of a longer one
ANSWERS_TIMEOUT = 1.0  # seconds to wait for outstanding answers after a transaction has failed

# Uncompressed bytes to send before the worker waits for acknowledgements. The client puts a batch of each partition
# into one request, and brokers accept 100 MiB in one request (`socket.request.max.bytes`).
UNDER_WAY_BYTES = 32 * 1024 * 1024

# The client's own 20 ms were half of the time to publish a small batch.
pause_between_transactions(0.003)


class TransactionTimeoutError(RefusalError):
    """The brokers allow only transactions that are too short to publish a batch."""

    def __init__(self, seconds: int) -> None:
        wanted = TRANSACTION_SECONDS * 1000
        super().__init__(
            f"the brokers refuse transactions of {seconds} s: their setting transaction.max.timeout.ms is below "
            f"{seconds * 1000}; set it to {wanted} or more in every broker's configuration"
        )


class ClockRefusedError(RefusalError):
    """The brokers refuse a topic's records because of their timestamps."""

    def __init__(self, topic: str) -> None:
        super().__init__(
            f"{topic} refuses records dated by this machine: its clock is off by more than the topic's "
            "message.timestamp.*.max.ms; set the clock right, or have the brokers date records: kafka-configs.sh "
            f"--alter --entity-type topics --entity-name {topic} --add-config message.timestamp.type=LogAppendTime"
        )


class BatchProducer:
    """Sends messages in batches, each to its partition."""

    _transactional: ClassVar[bool]

    def __init__(self, client: AIOKafkaProducer, limits: Limits) -> None:
        self._limits = limits
        self._use(client)
        self._counts: dict[str, int] = {}  # number of partitions by topic

    def _use(self, client: AIOKafkaProducer) -> None:
        self._client = client
        self._throttled = ThrottledClient(client.client, self._limits.throttle)

    async def start(self) -> None:
        """Connect. With a transactional id, the start fences the id's former owner and ends its open transaction."""
        await start(self._client)

    async def stop(self) -> None:
        """Stop within a few seconds, even while the brokers are away."""
        await stop(self._client)

    async def _by_partition(self, messages: Sequence[Message]) -> dict[Partition, list[Message]]:
        await self._count({message.topic for message in messages})
        by_partition: dict[Partition, list[Message]] = defaultdict(list)
        async for some in in_slices(messages):
            hashes = hashes_of([message.key or b"" if message.partition is None else b"" for message in some])
            for message, hashed in zip(some, hashes, strict=True):
                number = hashed if message.partition is None else message.partition
                by_partition[message.topic, number % self._counts[message.topic]].append(message)
        return by_partition

    async def _count(self, topics: Collection[str]) -> None:
        # A topic may have grown. The client's own count is fresh enough; it asks brokers only if it has none.
        for topic in topics:
            self._counts[topic] = len(await self._client.partitions_for(topic))

    async def _send_all(self, by_partition: Mapping[Partition, Sequence[Message]]) -> list[asyncio.Future[None]]:
        """Hand all batches to the client. Returns a future for each, which is done after its acknowledgement."""
        sent: list[asyncio.Future[None]] = []
        under_way = 0
        try:
            async for partition, batch in self._batches(by_partition):
                if under_way + batch.size > UNDER_WAY_BYTES:
                    await asyncio.gather(*sent)
                    under_way = 0
                under_way += batch.size
                topic, number = partition
                answer = await self._client.send_batch(batch, topic, partition=number)
                sent.append(asyncio.ensure_future(self._acknowledged(topic, batch, answer)))
        except (IllegalOperation, AssertionError) as error:
            # After a refusal of the first batch, the client fails later calls without giving the brokers' reason.
            await self._raise_refusal(sent)
            raise TransactionFailedError("the transaction failed before all of it was sent") from error
        return sent

    async def _raise_refusal(self, sent: Collection[asyncio.Future[None]]) -> None:
        done, _ = await asyncio.wait(sent, timeout=ANSWERS_TIMEOUT) if sent else (set(), None)
        for each in done:
            if isinstance(error := each.exception(), RefusalError):
                raise error

    async def _acknowledged(self, topic: str, batch: RecordBatch, answer: asyncio.Future[object]) -> None:
        try:
            await answer
        except MessageSizeTooLargeError:
            size = batch.wire_size()
            self._limits.note_refusal(topic, size, batch.record_count())
            raise MessageTooLargeError(topic, size) from None
        except InvalidTimestampError:
            raise ClockRefusedError(topic) from None

    async def _batches(
        self, by_partition: Mapping[Partition, Sequence[Message]]
    ) -> AsyncIterator[tuple[Partition, RecordBatch]]:
        """Pack the messages into batches that their topics accept, each partition's in order."""
        for partition, messages in by_partition.items():
            batch = self._new_batch(partition)
            async for some in in_slices(messages):
                records = [message.encoded for message in some]
                while records:
                    del records[: batch.add(records)]
                    if records:  # the batch was full; an empty batch takes at least one
                        yield partition, batch
                        batch = self._new_batch(partition)
            yield partition, batch

    def _new_batch(self, partition: Partition) -> RecordBatch:
        topic, _ = partition
        return RecordBatch(transactional=self._transactional, at_most=self._limits.of_records(topic))


class PlainProducer(BatchProducer):
    """An idempotent producer without transactions, so that it leaves no markers in a topic.

    All replicas acknowledge.
    """

    _transactional = False

    def __init__(self, settings: Kafka, limits: Limits) -> None:
        client = AIOKafkaProducer(**client_options(settings), acks="all", enable_idempotence=True)
        super().__init__(client, limits)

    async def send(self, messages: Sequence[Message]) -> None:
        """Send the messages; returns when all are acknowledged.

        Raises one of ``worker.kafka.TROUBLE``; some of the messages may be on their topics even then.
        """
        await self._throttled.pause()
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await asyncio.gather(*await self._send_all(await self._by_partition(messages)))


class SlotProducer(BatchProducer):
    """Publishes under one transactional id. After any error it is unusable: the caller makes a new one."""

    _transactional = True

    def __init__(self, settings: Kafka, publisher_id: str, position_topic: str, limits: Limits) -> None:
        self._settings = settings
        self._id = publisher_id
        self._position = TopicPartition(position_topic, 0)
        self._ends = TransactionEnds(publisher_id, position_topic)
        self.transaction_seconds = limits.throttle.transaction_seconds
        self._shorter = limits.throttle.shorter_seconds()
        super().__init__(self._new_client(), limits)

    @property
    def _deadline(self) -> int:
        """Seconds in which the client must finish a transaction.

        The brokers' timeout is longer. The rest is for checking that the transaction is visible.
        """
        return max(PUBLISH_TIMEOUT, PUBLISH_TIMEOUT * self.transaction_seconds // TRANSACTION_SECONDS)

    def _new_client(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            # A broker that throttles the client may leave a request unread. The client waits for it as long as the
            # transaction may last.
            **client_options(self._settings) | {"request_timeout_ms": max(REQUEST_TIMEOUT_MS, self._deadline * 1000)},
            transactional_id=self._id,
            transaction_timeout_ms=self.transaction_seconds * 1000,
            acks="all",
            enable_idempotence=True,
            metadata_max_age_ms=20_000,  # the same as the consumer's
            # The broker verifies each transaction's partitions, and refuses the first attempt until it has done so.
            retry_backoff_ms=5,
        )

    async def start(self) -> None:
        """Connect, with a shorter transaction timeout if the brokers refuse the first one.

        Raises TransactionTimeoutError if they allow no timeout that is long enough, or one of ``worker.kafka.TROUBLE``.
        """
        while True:
            try:
                return await super().start()
            except InvalidTransactionTimeout:
                await self.stop()
                if not self._shorter:
                    raise TransactionTimeoutError(self.transaction_seconds) from None
                self.transaction_seconds, *self._shorter = self._shorter
                self._use(self._new_client())

    async def publish(self, messages: Sequence[Message], sequence: int) -> Counter[str]:
        """Publish all messages and the slot's position ``sequence``, or nothing. Returns the number of messages by
        topic.

        Raises one of ``worker.kafka.TROUBLE``; the transaction may be committed even then.
        """
        await self._throttled.pause()
        self._throttled.was_throttled = False
        try:
            async with asyncio.timeout(self._deadline):
                return await self._publish(messages, sequence)
        except TimeoutError:
            if self._throttled.was_throttled:
                self._limits.throttle.note_timeout(self.transaction_seconds)
            raise

    async def _publish(self, messages: Sequence[Message], sequence: int) -> Counter[str]:
        by_partition = await self._by_partition(messages)
        await self._client.begin_transaction()
        reach("before_send")
        sent = await self._send_all(by_partition)
        # Both run at once, which saves a round trip or two. The commit comes after all of it: aiokafka would commit a
        # transaction in which a send has failed.
        await asyncio.gather(
            *sent,
            self._client.send_offsets_to_transaction(self._offsets(sequence), self._id),
        )
        reach("before_publish_commit")
        await self._client.commit_transaction()
        topics: Counter[str] = Counter()
        for (topic, _), group in by_partition.items():
            topics[topic] += len(group)
        await self._ends.wait_until_visible(self._client, topics, sequence)
        return topics

    def _offsets(self, sequence: int) -> dict[TopicPartition, OffsetAndMetadata]:
        return {self._position: OffsetAndMetadata(sequence + 1, MARK)}

    async def mark(self, sequence: int) -> None:
        """Replace the slot's position by ``sequence`` with our mark. Raises one of ``worker.kafka.TROUBLE``."""
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await self._client.begin_transaction()
            await self._client.send_offsets_to_transaction(self._offsets(sequence), self._id)
            await self._client.commit_transaction()

    async def repeat_end(self, last: LastTransaction) -> None:
        """Call ``worker.kafka.missing_markers.TransactionEnds.repeat`` within a time limit.

        Raises one of ``worker.kafka.TROUBLE``.
        """
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await self._ends.repeat(self._client, last)
