"""Guards against KAFKA-20734: brokers report that a transaction is over, and leave out some of its markers.

The bug. If a partition has no leader at that moment, the transaction's coordinator believes that it is deleted. The
coordinator leaves out that partition's marker, of a commit or of an abort, and reports the transaction as over. Seen
with Kafka 4.3.1, when a single broker was restarted in order. The records stay open until the same producer's next
transaction over the partition ends, and then end in the same way. The slot's position in that transaction does
likewise. So a later abort drops announcements whose commit the brokers have confirmed.

The guard. After each commit the producer waits until the slot's position is visible and every partition has a leader
(`TransactionEnds.wait_until_visible`); otherwise it fails and begins no other transaction. The slot's next owner asks
how the slot's last transaction ended (`last_transaction`). Before anything else it ends an empty transaction over the
same topics, in the same way (`TransactionEnds.repeat`).

When it may go. Once no supported broker has the bug: https://issues.apache.org/jira/browse/KAFKA-20734 names the
releases with the fix. To see it, set `KAFKA_VERSION` in `worker/embedded/jars.py` to such a release and run
`tests/faults/test_markers.py`. With the bug, both tests pass. With the fix, the first one fails at its
`assert await is_left_open(stage)`, and the second one waits in vain for an abort. Then delete this file,
`requests/describe_transactions.py`, the functions of `insides.py` that only this file uses, their calls in
`producer.py`, `admin.py` and `publish/publisher.py`, and those tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError, for_code

from worker.kafka import insides
from worker.kafka.coordinator import until_answered
from worker.kafka.metadata import check_leaders
from worker.kafka.published_position import position
from worker.kafka.requests.describe_transactions import DescribeTransactionsRequest

# States of a last transaction that is aborted, or that the next producer's start will abort.
ABORTED = ("Ongoing", "PrepareAbort", "CompleteAbort", "PrepareEpochFence")
NOT_FOUND = 105  # the broker's code for a transactional id that no producer has used, or not for a long time

PAUSE = 0.003  # seconds
LONGEST_PAUSE = 0.2


class LastTransaction(NamedTuple):
    """The slot's last transaction: the topics that it may have written to, and its end."""

    topics: Collection[str]
    aborted: bool


async def last_transaction(client: AIOKafkaClient, publisher_id: str, topics: Collection[str]) -> LastTransaction:
    """Look up the slot's last transaction. The caller does this before it starts the slot's producer.

    The start may abort a transaction, and may leave out that marker too. Raises NoLeaderError if a partition has no
    leader, and other errors of ``worker.kafka.TROUBLE``.
    """
    await check_leaders(client, topics)
    aborted = bool(topics) and await transaction_state(client, publisher_id) in ABORTED
    return LastTransaction(topics, aborted)


async def transaction_state(client: AIOKafkaClient, transactional_id: str) -> str | None:
    """Ask the coordinator for the state of the id's last transaction; None if the broker does not know.

    Raises KafkaError.
    """

    async def ask() -> str | None:
        node = await client.coordinator_lookup(CoordinationType.TRANSACTION, transactional_id)
        try:
            answer = await client.send(node, DescribeTransactionsRequest(transactional_id))
        except IncompatibleBrokerVersion:  # brokers before 3.0
            return None
        ((code, _, state, *_),) = answer.transactions
        if code and code != NOT_FOUND:
            raise for_code(code)(transactional_id)
        return state or None

    return await until_answered(transactional_id, ask)


class TransactionEnds:
    """The ends of one slot's transactions. All methods raise ``worker.kafka.TROUBLE`` and set no time limit."""

    def __init__(self, publisher_id: str, position_topic: str) -> None:
        self._id = publisher_id  # the transactional id, and the group that holds the position
        self._position_topic = position_topic

    async def wait_until_visible(self, producer: AIOKafkaProducer, topics: Collection[str], sequence: int) -> None:
        """Wait after a commit until the slot's position ``sequence`` is visible.

        Raises NoLeaderError if a partition of the topics has no leader: the coordinator may have left out its marker.
        """
        pause = PAUSE
        while True:
            visible = await self._is_visible(producer, sequence)
            await self._check_leaders(producer, topics)
            if visible:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def repeat(self, producer: AIOKafkaProducer, last: LastTransaction) -> None:
        """End again what the slot's last transaction may have left open, records and position, in the way in which it
        ended.
        """
        if not last.topics:
            return
        partitions = [
            TopicPartition(topic, number) for topic in last.topics for number in await producer.partitions_for(topic)
        ]
        await self._check_leaders(producer, last.topics)
        await self._end_nothing(producer, partitions, aborted=last.aborted)
        # The brokers accept this second one only after they have written all markers of the first.
        await self._end_nothing(producer, (), aborted=False)
        await self._check_leaders(producer, last.topics)

    async def _end_nothing(
        self, producer: AIOKafkaProducer, partitions: Collection[TopicPartition], *, aborted: bool
    ) -> None:
        """Begin and end an empty transaction over these partitions and the slot's group."""
        await producer.begin_transaction()
        await insides.add_to_transaction(producer, partitions, self._id)
        await (producer.abort_transaction() if aborted else producer.commit_transaction())

    async def _is_visible(self, producer: AIOKafkaProducer, sequence: int) -> bool:
        node = await insides.coordinator(producer, CoordinationType.GROUP, self._id)
        try:
            found = await position(producer.client, node, self._id, self._position_topic)
        except KafkaError as error:
            if not error.retriable:
                raise
            insides.forget_coordinator(producer, CoordinationType.GROUP)
            return False
        return found.sequence >= sequence

    async def _check_leaders(self, producer: AIOKafkaProducer, topics: Collection[str]) -> None:
        """Ask the coordinator of the transactions: its own view of the leaders decides which markers it leaves out."""
        node = await insides.coordinator(producer, CoordinationType.TRANSACTION, self._id)
        await check_leaders(producer.client, topics, node)
