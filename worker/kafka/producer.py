"""Producers of whole batches: a slot's, each batch in one transaction with the slot's position; and a plain one."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import CoordinationType
from aiokafka.errors import IllegalOperation, KafkaError
from aiokafka.producer import sender

from worker.batch import Partition
from worker.failpoint import reach
from worker.kafka.client import client_options, start, stop
from worker.kafka.markers import check_led, published
from worker.kafka.partitions import partition_of
from worker.messages import Message
from worker.settings.kafka import Kafka
from worker.turns import by_turns

# A frozen open transaction holds back every read_committed reader: this bounds for how long.
TRANSACTION_TIMEOUT_MS = 15_000
PUBLISH_TIMEOUT = 12.0
BATCH_BYTES = 512 * 1024
MARKER_PAUSE = 0.003

# Seconds until a transaction is begun again while the broker still ends the one before, mostly a few milliseconds. No
# setting of the client's; its own 20 ms were half of the time that publishing a small batch took.
assert hasattr(sender, "BACKOFF_OVERRIDE")  # noqa: S101 -- else another release of the client has it elsewhere
sender.BACKOFF_OVERRIDE = 0.003


class BatchProducer:
    """Sends messages in batches, each to its partition."""

    def __init__(self, client: AIOKafkaProducer) -> None:
        self._client = client
        self._counts: dict[str, int] = {}  # of partitions, by topic

    async def start(self) -> None:
        """Connect; a transactional id's former owner is fenced, and what he left open is committed or aborted."""
        await start(self._client)

    async def stop(self) -> None:
        """Within bounds, even with the brokers away."""
        await stop(self._client)

    async def _by_partition(self, messages: Sequence[Message]) -> dict[Partition, list[Message]]:
        for topic in {message.topic for message in messages} - self._counts.keys():
            self._counts[topic] = len(await self._client.partitions_for(topic))
        by_partition: dict[Partition, list[Message]] = defaultdict(list)
        async for some in by_turns(messages):
            for message in some:
                by_partition[message.topic, self._number(message)].append(message)
        return by_partition

    def _number(self, message: Message) -> int:
        count = self._counts[message.topic]
        return partition_of(message.key or b"", count) if message.partition is None else message.partition % count

    async def _send_all(self, by_partition: Mapping[Partition, Sequence[Message]]) -> list[asyncio.Future[object]]:
        """Hand everything to the client; returns what its being acknowledged is waited for by."""
        sent: list[asyncio.Future[object]] = []
        try:
            for (topic, number), messages in by_partition.items():
                sent += await self._send(topic, number, messages)
        except (IllegalOperation, AssertionError) as error:
            # What brokers have said to the first batches is kept from those who send the others.
            raise KafkaError("the transaction failed before all of it was sent") from error
        return sent

    async def _send(self, topic: str, number: int, messages: Sequence[Message]) -> list[asyncio.Future[object]]:
        sent = []
        batch = self._client.create_batch()
        async for some in by_turns(messages):
            for _, _, key, value, headers in some:
                if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                    sent.append(await self._client.send_batch(batch, topic, partition=number))
                    batch = self._client.create_batch()
                    batch.append(timestamp=None, key=key, value=value, headers=headers)
        sent.append(await self._client.send_batch(batch, topic, partition=number))
        return sent


class PlainProducer(BatchProducer):
    """Idempotent, acknowledged by all replicas, without transactions: it leaves no markers in a topic."""

    def __init__(self, settings: Kafka) -> None:
        super().__init__(
            AIOKafkaProducer(
                **client_options(settings),
                acks="all",
                enable_idempotence=True,
                compression_type="snappy",
                max_batch_size=BATCH_BYTES,
            )
        )

    async def send(self, messages: Sequence[Message]) -> None:
        """Returns when all are acknowledged. Raises one of ``worker.kafka.TROUBLE``; some may be out all the same."""
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await asyncio.gather(*await self._send_all(await self._by_partition(messages)))


class SlotProducer(BatchProducer):
    """Publishes under one transactional id. After any error it is of no more use: make a new one."""

    def __init__(self, settings: Kafka, publisher_id: str, position_topic: str) -> None:
        self._id = publisher_id
        self._position = TopicPartition(position_topic, 0)
        super().__init__(
            AIOKafkaProducer(
                **client_options(settings),
                transactional_id=publisher_id,
                transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
                acks="all",
                enable_idempotence=True,
                # aiokafka compresses lz4 at level 9, which takes fifteen times as long for the same size.
                compression_type="snappy",
                max_batch_size=BATCH_BYTES,
                # The broker verifies each transaction's partitions, and lets the first try fail meanwhile.
                retry_backoff_ms=5,
            )
        )

    async def publish(self, messages: Sequence[Message], sequence: int) -> Counter[str]:
        """All messages, and the slot's position ``sequence``, or none of it; returns how many went to each topic.

        Raises one of ``worker.kafka.TROUBLE``; it may have been published all the same.
        """
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            return await self._publish(messages, sequence)

    async def _publish(self, messages: Sequence[Message], sequence: int) -> Counter[str]:
        by_partition = await self._by_partition(messages)
        await self._client.begin_transaction()
        reach("before_send")
        sent = await self._send_all(by_partition)
        # Side by side, which saves a round trip or two. The commit comes after all of it: aiokafka would commit a
        # transaction of which a send has failed.
        await asyncio.gather(
            *sent,
            self._client.send_offsets_to_transaction({self._position: sequence + 1}, self._id),
        )
        reach("before_publish_commit")
        await self._client.commit_transaction()
        await self._check_led(by_partition)
        await self._until_known(sequence)
        topics: Counter[str] = Counter()
        for (topic, _), group in by_partition.items():
            topics[topic] += len(group)
        return topics

    async def commit_left_open(self, messages: Sequence[Message]) -> None:
        """Commit once more, with nothing in it, where these messages go: what an earlier commit may have left open.

        Raises one of ``worker.kafka.TROUBLE``.
        """
        if not messages:
            return
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            partitions = await self._by_partition(messages)
            await self._client.begin_transaction()
            transaction = self._client._txn_manager
            for partition in partitions:
                transaction.maybe_add_partition_to_txn(TopicPartition(*partition))
            while transaction._txn_consumer_group is None:
                await self._client._sender._do_add_offsets_to_txn(self._id)
            await self._client.commit_transaction()
            await self._check_led(partitions)

    async def _check_led(self, partitions: Collection[Partition]) -> None:
        """Raises NoLeaderError: as the coordinator knows, for it is the one that leaves markers out."""
        node = await self._client._sender._find_coordinator(CoordinationType.TRANSACTION, self._id)
        await check_led(self._client.client, {topic for topic, _ in partitions}, node)

    async def _until_known(self, sequence: int) -> None:
        """Returns once the slot's position is there, which is when its marker is."""
        while True:
            node = await self._client._sender._find_coordinator(CoordinationType.GROUP, self._id)
            try:
                if await published(self._client.client, node, self._id, self._position.topic) >= sequence:
                    return
            except KafkaError as error:
                if not error.retriable:
                    raise
                self._client._sender._coordinator_dead(CoordinationType.GROUP)
            await asyncio.sleep(MARKER_PAUSE)
