"""Producers of whole batches: a slot's, each batch in one transaction with the slot's position; and a plain one."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import CoordinationType
from aiokafka.errors import IllegalOperation, KafkaError
from aiokafka.producer import sender

from worker.batch import Partition
from worker.failpoint import reach
from worker.kafka.client import client_options, start, stop
from worker.kafka.encoded import EncodedBatch
from worker.kafka.markers import check_led
from worker.kafka.partitions import hashes_of
from worker.kafka.position import position
from worker.messages import Message
from worker.settings.kafka import Kafka
from worker.turns import by_turns

# A frozen open transaction holds back every read_committed reader: this bounds for how long.
TRANSACTION_TIMEOUT_MS = 15_000
PUBLISH_TIMEOUT = 12.0
MARKER_PAUSE = 0.003
LONGEST_MARKER_PAUSE = 0.2

# Seconds until a transaction is begun again while the broker still ends the one before, mostly a few milliseconds. No
# setting of the client's; its own 20 ms were half of the time that publishing a small batch took.
assert hasattr(sender, "BACKOFF_OVERRIDE")  # noqa: S101 -- else another release of the client has it elsewhere
sender.BACKOFF_OVERRIDE = 0.003


class BatchProducer:
    """Sends messages in batches, each to its partition."""

    _transactional: ClassVar[bool]

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
        await self._count({message.topic for message in messages})
        by_partition: dict[Partition, list[Message]] = defaultdict(list)
        async for some in by_turns(messages):
            hashes = hashes_of([message.key or b"" if message.partition is None else b"" for message in some])
            for message, hashed in zip(some, hashes, strict=True):
                number = hashed if message.partition is None else message.partition
                by_partition[message.topic, number % self._counts[message.topic]].append(message)
        return by_partition

    async def _count(self, topics: Collection[str]) -> None:
        for topic in topics:  # as the client knows by now: a topic may have grown; it asks brokers only where it must
            self._counts[topic] = len(await self._client.partitions_for(topic))

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
        batch = EncodedBatch(transactional=self._transactional)
        async for some in by_turns(messages):
            records = [message.encoded for message in some]
            while records:
                del records[: batch.add(records)]
                if records:  # there was no room for them; in an empty batch there is for one
                    sent.append(await self._client.send_batch(batch, topic, partition=number))
                    batch = EncodedBatch(transactional=self._transactional)
        sent.append(await self._client.send_batch(batch, topic, partition=number))
        return sent


class PlainProducer(BatchProducer):
    """Idempotent, acknowledged by all replicas, without transactions: it leaves no markers in a topic."""

    _transactional = False

    def __init__(self, settings: Kafka) -> None:
        super().__init__(
            AIOKafkaProducer(
                **client_options(settings),
                acks="all",
                enable_idempotence=True,
            )
        )

    async def send(self, messages: Sequence[Message]) -> None:
        """Returns when all are acknowledged. Raises one of ``worker.kafka.TROUBLE``; some may be out all the same."""
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await asyncio.gather(*await self._send_all(await self._by_partition(messages)))


class SlotProducer(BatchProducer):
    """Publishes under one transactional id. After any error it is of no more use: make a new one."""

    _transactional = True

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
                metadata_max_age_ms=20_000,  # as the consumer
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
        topics: Counter[str] = Counter()
        for (topic, _), group in by_partition.items():
            topics[topic] += len(group)
        await self._until_it_stands(topics, sequence)
        return topics

    async def end_left_open(self, topics: Collection[str], *, aborted: bool) -> None:
        """End what the slot's last transaction may have left open in these topics, as that one ended; its position too.

        Raises one of ``worker.kafka.TROUBLE``.
        """
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await self._count(topics)
            places = [TopicPartition(topic, number) for topic in topics for number in range(self._counts[topic])]
            await self._check_led(topics)
            await self._end_nothing(places, aborted=aborted)
            await self._end_nothing((), aborted=False)  # is let in only when all markers of the one before are written
            await self._check_led(topics)

    async def _end_nothing(self, places: Collection[TopicPartition], *, aborted: bool) -> None:
        """A transaction over these partitions and the slot's group, with nothing in it."""
        await self._client.begin_transaction()
        transaction = self._client._txn_manager
        for place in places:
            transaction.maybe_add_partition_to_txn(place)
        # The client adds a group only together with offsets, and here there are none.
        while transaction.is_in_transaction() and transaction._txn_consumer_group is None:
            await self._client._sender._do_add_offsets_to_txn(self._id)
        await (self._client.abort_transaction() if aborted else self._client.commit_transaction())

    async def _until_it_stands(self, topics: Collection[str], sequence: int) -> None:
        """Returns once the slot's position is there. Raises NoLeaderError where a marker may have been left out."""
        pause = MARKER_PAUSE
        while True:
            known = await self._is_known(sequence)
            await self._check_led(topics)
            if known:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_MARKER_PAUSE)

    async def _is_known(self, sequence: int) -> bool:
        node = await self._client._sender._find_coordinator(CoordinationType.GROUP, self._id)
        try:
            return await position(self._client.client, node, self._id, self._position.topic) >= sequence
        except KafkaError as error:
            if not error.retriable:
                raise
            self._client._sender._coordinator_dead(CoordinationType.GROUP)
            return False

    async def _check_led(self, topics: Collection[str]) -> None:
        """Asks the coordinator's broker: by what it knows, markers are left out. Raises NoLeaderError."""
        node = await self._client._sender._find_coordinator(CoordinationType.TRANSACTION, self._id)
        await check_led(self._client.client, topics, node)
