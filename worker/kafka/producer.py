"""Producers of whole batches: a slot's, each batch in one transaction with the slot's position; and a plain one."""

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
from worker.kafka.position import MARK
from worker.kafka.record_batch import RecordBatch
from worker.kafka.throttle import TRANSACTION_SECONDS, ThrottledClient
from worker.records.message import Message
from worker.records.record import Partition
from worker.settings.kafka import Kafka

PUBLISH_TIMEOUT = 12  # and as much of a longer transaction
ANSWERS_TIMEOUT = 1.0  # for answers that are still to come when a transaction has failed

# Uncompressed bytes that are sent before the first are acknowledged. The client puts a batch of each partition into one
# request, and brokers take 100 MiB in one (`socket.request.max.bytes`).
UNDER_WAY_BYTES = 32 * 1024 * 1024

# The client's own 20 ms were half of the time that publishing a small batch took.
pause_between_transactions(0.003)


class TransactionTimeoutError(RefusalError):
    """The brokers allow only transactions that are too short to publish a batch in."""

    def __init__(self, seconds: int) -> None:
        wanted = TRANSACTION_SECONDS * 1000
        super().__init__(
            f"the brokers refuse transactions of {seconds} s: their setting transaction.max.timeout.ms is below "
            f"{seconds * 1000}; set it to {wanted} or more in every broker's configuration"
        )


class ClockRefusedError(RefusalError):
    """The brokers refuse a topic's records for the time that they bear."""

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
        self._counts: dict[str, int] = {}  # of partitions, by topic

    def _use(self, client: AIOKafkaProducer) -> None:
        self._client = client
        self._throttled = ThrottledClient(client.client, self._limits.throttle)

    async def start(self) -> None:
        """Connect; a transactional id's former owner is fenced, and what he left open is committed or aborted."""
        await start(self._client)

    async def stop(self) -> None:
        """Within bounds, even with the brokers away."""
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
        for topic in topics:  # as the client knows by now: a topic may have grown; it asks brokers only where it must
            self._counts[topic] = len(await self._client.partitions_for(topic))

    async def _send_all(self, by_partition: Mapping[Partition, Sequence[Message]]) -> list[asyncio.Future[None]]:
        """Hand everything to the client; returns what is done once a batch is acknowledged."""
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
            # The client tells those who send the other batches nothing of what brokers have said to the first.
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
            self._limits.refused(topic, size, batch.record_count())
            raise MessageTooLargeError(topic, size) from None
        except InvalidTimestampError:
            raise ClockRefusedError(topic) from None

    async def _batches(
        self, by_partition: Mapping[Partition, Sequence[Message]]
    ) -> AsyncIterator[tuple[Partition, RecordBatch]]:
        """The messages in batches that their topics take, each partition's in order."""
        for partition, messages in by_partition.items():
            batch = self._new_batch(partition)
            async for some in in_slices(messages):
                records = [message.encoded for message in some]
                while records:
                    del records[: batch.add(records)]
                    if records:  # there was no room for them; in an empty batch there is for one
                        yield partition, batch
                        batch = self._new_batch(partition)
            yield partition, batch

    def _new_batch(self, partition: Partition) -> RecordBatch:
        topic, _ = partition
        return RecordBatch(transactional=self._transactional, at_most=self._limits.of_records(topic))


class PlainProducer(BatchProducer):
    """Idempotent, acknowledged by all replicas, without transactions: it leaves no markers in a topic."""

    _transactional = False

    def __init__(self, settings: Kafka, limits: Limits) -> None:
        client = AIOKafkaProducer(**client_options(settings), acks="all", enable_idempotence=True)
        super().__init__(client, limits)

    async def send(self, messages: Sequence[Message]) -> None:
        """Returns when all are acknowledged. Raises one of ``worker.kafka.TROUBLE``; some may be out all the same."""
        await self._throttled.pause()
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await asyncio.gather(*await self._send_all(await self._by_partition(messages)))


class SlotProducer(BatchProducer):
    """Publishes under one transactional id. After any error it is of no more use: make a new one."""

    _transactional = True

    def __init__(self, settings: Kafka, publisher_id: str, position_topic: str, limits: Limits) -> None:
        self._settings = settings
        self._id = publisher_id
        self._position = TopicPartition(position_topic, 0)
        self._ends = TransactionEnds(publisher_id, position_topic)
        self.transaction_seconds = limits.throttle.transaction_seconds
        self._shorter = limits.throttle.shorter()
        super().__init__(self._new_client(), limits)

    @property
    def _deadline(self) -> int:
        """Seconds for all of a transaction: some are left to see that it stands before brokers end it."""
        return max(PUBLISH_TIMEOUT, PUBLISH_TIMEOUT * self.transaction_seconds // TRANSACTION_SECONDS)

    def _new_client(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            # Where a broker leaves a request unread for its quota, the client waits as long as the transaction may.
            **client_options(self._settings) | {"request_timeout_ms": max(REQUEST_TIMEOUT_MS, self._deadline * 1000)},
            transactional_id=self._id,
            transaction_timeout_ms=self.transaction_seconds * 1000,
            acks="all",
            enable_idempotence=True,
            metadata_max_age_ms=20_000,  # as the consumer
            # The broker verifies each transaction's partitions, and lets the first try fail meanwhile.
            retry_backoff_ms=5,
        )

    async def start(self) -> None:
        """As any producer's; the brokers may allow only shorter transactions than are asked for.

        Raises TransactionTimeoutError where they allow none that is long enough, or one of ``worker.kafka.TROUBLE``.
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
        """All messages, and the slot's position ``sequence``, or none of it; returns how many went to each topic.

        Raises one of ``worker.kafka.TROUBLE``; it may have been published all the same.
        """
        await self._throttled.pause()
        self._throttled.was_throttled = False
        try:
            async with asyncio.timeout(self._deadline):
                return await self._publish(messages, sequence)
        except TimeoutError:
            if self._throttled.was_throttled:
                self._limits.throttle.ran_out(self.transaction_seconds)
            raise

    async def _publish(self, messages: Sequence[Message], sequence: int) -> Counter[str]:
        by_partition = await self._by_partition(messages)
        await self._client.begin_transaction()
        reach("before_send")
        sent = await self._send_all(by_partition)
        # Side by side, which saves a round trip or two. The commit comes after all of it: aiokafka would commit a
        # transaction of which a send has failed.
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
        """Put the slot's position, with our mark, in place of what is there. Raises one of ``worker.kafka.TROUBLE``."""
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await self._client.begin_transaction()
            await self._client.send_offsets_to_transaction(self._offsets(sequence), self._id)
            await self._client.commit_transaction()

    async def repeat_end(self, last: LastTransaction) -> None:
        """As ``worker.kafka.missing_markers.TransactionEnds.repeat``. Raises one of ``worker.kafka.TROUBLE``."""
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await self._ends.repeat(self._client, last)
