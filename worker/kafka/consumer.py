"""The group's consumer. It polls and seeks; its callers decide the positions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    InvalidSessionTimeoutError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from worker.kafka import TROUBLE
from worker.kafka.addresses import remember
from worker.kafka.client import Credentials, client_options, start, stop
from worker.kafka.group.assignor import LeadAssignor
from worker.kafka.group.members import ConsumerGroup, describe
from worker.kafka.group.refusals import SESSION_MS, GroupFullError, SessionTimeoutError, is_full
from worker.kafka.insides import connections
from worker.kafka.leader_epochs import FetchedEpochs, ends_of
from worker.kafka.logs import Logs, logs_of
from worker.kafka.metadata import metadata_of
from worker.kafka.unpacking import UNREADABLE, UnpacksTooLargeError
from worker.records.record import Partition, Record
from worker.settings.kafka import Kafka

# Bytes that one poll may return. This bounds memory, and is still several batches. Twice as much is no faster.
FETCH_BYTES = 4 * 1024 * 1024
PARTITION_BYTES = 256 * 1024
LOOKUP_TIMEOUT = 10.0
COMMIT_TIMEOUT = 5.0
PROBE_MS = 200
PROGRESS_TIMEOUT = 0.1
POLL_GRACE = 1.0


class NotSoughtError(Exception):
    """The caller polled a partition without a position."""


class UnreadableError(Exception):
    """The client can't unpack some record. It lost the other fetched records too: the caller must read them again."""


class Unreadable(NamedTuple):
    """A batch or record that the client can't unpack: its offset, and the reason, without anything of its payload."""

    offset: int
    why: str


class PositionGoneError(Exception):
    """The log does not contain the position, or not yet. Records are lost, or the topic is another one."""

    def __init__(self, partition: Partition, position: int) -> None:
        super().__init__(f"{partition[0]}[{partition[1]}] at {position}")
        self.partition = partition
        self.position = position


class Listener(ConsumerRebalanceListener):
    """Passes a rebalance on. Both methods return at once, since the client sends no heartbeat while they run."""

    def __init__(self, revoked: Callable[[], None], assigned: Callable[[], None]) -> None:
        self._revoked = revoked
        self._assigned = assigned

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._revoked()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._assigned()


class Consumer:
    """A member of the consumer group. It reads committed records from the positions that the caller seeks."""

    def __init__(
        self, settings: Kafka, topics: Collection[str], dead_letter_topics: Mapping[str, str] | None = None
    ) -> None:
        """``dead_letter_topics`` gives the topic of dead letters by input topic."""
        self._topics = list(topics)
        self._dead_letter_topics = dict(dead_letter_topics or {})
        self._group_id = settings.group_id
        self._credentials = Credentials(settings)
        self._client = AIOKafkaConsumer(
            **client_options(settings),
            group_id=settings.group_id,
            isolation_level="read_committed",
            enable_auto_commit=False,
            # Positions come from Postgres only, so the client never chooses one.
            auto_offset_reset="none",
            partition_assignment_strategy=(LeadAssignor,),
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=3_000,
            rebalance_timeout_ms=30_000,
            # If the user loses its right on a topic for a moment, the assignment lacks the topic until the next
            # refresh.
            metadata_max_age_ms=20_000,
            fetch_max_wait_ms=100,
            fetch_max_bytes=FETCH_BYTES,
            max_partition_fetch_bytes=PARTITION_BYTES,
        )
        self._connections = connections(self._client)
        self._epochs = FetchedEpochs(self._connections)

    async def start(self, revoked: Callable[[], None], assigned: Callable[[], None]) -> None:
        """Join the group. The client calls ``revoked`` and ``assigned`` at each rebalance."""
        await start(self._client)
        self._client.subscribe(self._topics, listener=Listener(revoked, assigned))

    async def stop(self) -> None:
        """Leave the group, within a few seconds."""
        await stop(self._client)

    def assignment(self) -> set[Partition]:
        """The partitions that this member holds now."""
        return {(tp.topic, tp.partition) for tp in self._client.assignment()}

    def seek(self, positions: Mapping[Partition, int]) -> None:
        """Continue at these positions, in partitions that this member holds. No await: no poll can come in between."""
        for partition in self.assignment() & positions.keys():
            self._client.seek(TopicPartition(*partition), positions[partition])

    async def poll(self, wait_ms: int) -> dict[Partition, Sequence[Record]]:
        """Return fetched records, or wait up to ``wait_ms`` for some. Returns nothing during a long rebalance.

        Each partition in the result has records. Raises NotSoughtError, UnreadableError, PositionGoneError, or
        ``TROUBLE``.
        """
        try:
            # During a rebalance the client waits without limit. It drops no records when this timeout ends the wait.
            async with asyncio.timeout(wait_ms / 1000 + POLL_GRACE) as limit:
                fetched = await self._client.getmany(timeout_ms=wait_ms)
        except TimeoutError:
            if limit.expired():
                return {}
            raise
        except InvalidSessionTimeoutError:
            raise SessionTimeoutError from None
        except NoOffsetForPartitionError as error:
            raise NotSoughtError from error
        except UNREADABLE as error:
            raise UnreadableError(type(error).__name__) from error
        except OffsetOutOfRangeError as error:
            ((tp, position),) = error.args[0].items()
            raise PositionGoneError((tp.topic, tp.partition), position) from error
        except KafkaError as error:
            if is_full(error):
                raise GroupFullError(self._group_id) from None
            raise
        return {(tp.topic, tp.partition): records for tp, records in fetched.items() if records}

    async def pause_unreadable(self) -> dict[Partition, Unreadable]:
        """Find and pause the partitions whose next records the client can't unpack; returns them.

        This loses the records that it reads from the other partitions: the caller must seek every partition again.
        Raises ``worker.kafka.TROUBLE``.
        """
        found = {}
        for tp in self._client.assignment() - self._client.paused():
            if await self._unpacking_error(tp) is None:
                continue
            async with asyncio.timeout(LOOKUP_TIMEOUT):
                unreadable = await self._first_unreadable(tp)
            if unreadable and tp in self._client.assignment():  # no rebalance has taken it meanwhile
                found[tp.topic, tp.partition] = unreadable
                self._client.pause(tp)
        return found

    async def _first_unreadable(self, tp: TopicPartition) -> Unreadable | None:
        """Read record by record up to the bad one. The client lost the records before it together with it."""
        while tp in self._client.assignment():
            error = await self._unpacking_error(tp, at_most=1)
            if error and tp in self._client.assignment():
                why = str(error) if isinstance(error, UnpacksTooLargeError) else type(error).__name__
                return Unreadable(await self._client.position(tp), why)
        return None

    async def _unpacking_error(self, tp: TopicPartition, at_most: int | None = None) -> Exception | None:
        """Poll the partition; returns the error if the client can't unpack a record."""
        try:
            await self._client.getmany(tp, timeout_ms=PROBE_MS, max_records=at_most)
        except UNREADABLE as error:
            return error
        return None

    async def without_dead_letter_partition(self) -> set[Partition]:
        """Ask brokers for partitions without a partition for their dead letters: that topic has fewer."""
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            answer = await metadata_of(self._connections, [*self._topics, *self._dead_letter_topics.values()])
        counts = {found["topic"]: len(found["partitions"]) for found in answer["topics"]}
        return {
            (topic, number)
            for topic, dead_letters in self._dead_letter_topics.items()
            if counts[dead_letters]  # the count is 0 for a topic that is missing, or that the user may not describe
            for number in range(counts[dead_letters], counts[topic])
        }

    def hold(self, held: Collection[Partition], free: Collection[Partition]) -> None:
        """Pause the ``held`` partitions and resume the ``free`` ones. There is no await, as in ``seek``."""
        ours = self._client.assignment()
        self._client.pause(*[tp for partition in held if (tp := TopicPartition(*partition)) in ours])
        self._client.resume(*[tp for partition in free if (tp := TopicPartition(*partition)) in ours])

    async def earliest(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """The offsets of the oldest records that the partitions contain."""
        wanted = [TopicPartition(*partition) for partition in partitions]
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            found = await self._client.beginning_offsets(wanted)
        return {(tp.topic, tp.partition): offset for tp, offset in found.items()}

    async def progress(self) -> dict[Partition, tuple[int, int]]:
        """Each partition's end in the brokers' last answer, and the next offset to read. Leaves out unknown ones."""
        ends = {tp: self._client.highwater(tp) for tp in self._client.assignment()}
        found = {}
        for tp, end in ends.items():
            if end is None:
                continue
            try:
                async with asyncio.timeout(PROGRESS_TIMEOUT):
                    found[tp.topic, tp.partition] = end, await self._client.position(tp)
            except (KafkaError, TimeoutError):
                pass  # another member holds the partition now, or it has no position yet
        return found

    def open_since(self) -> dict[Partition, int]:
        """Offsets at which a sender's open transaction stops this consumer, by the brokers' last answer.

        Asks no broker.
        """
        found = {}
        for tp in self._client.assignment():
            end, stable = self._client.highwater(tp), self._client.last_stable_offset(tp)
            if end is not None and stable is not None and 0 <= stable < end:
                found[tp.topic, tp.partition] = stable
        return found

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        """The partition's first offset, and the offset after its last."""
        tp = TopicPartition(*partition)
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            starts = await self._client.beginning_offsets([tp])
            ends = await self._client.end_offsets([tp])
        return starts[tp], ends[tp]

    async def ends(self) -> dict[Partition, int]:
        """The end of each partition of the topics for readers of committed records. Raises ``worker.kafka.TROUBLE``."""
        parts = {topic: self._client.partitions_for_topic(topic) or () for topic in self._topics}
        tps = [TopicPartition(topic, number) for topic, numbers in parts.items() for number in numbers]
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            found = await self._client.end_offsets(tps)
        return {(tp.topic, tp.partition): end for tp, end in found.items()}

    async def group(self) -> ConsumerGroup:
        """Describe this member's group. Raises one of ``worker.kafka.TROUBLE``."""
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            return await describe(self._connections, self._group_id)

    async def logs(self) -> Logs:
        """Identify the logs of the topics. Raises one of ``worker.kafka.TROUBLE``, also if a topic is missing."""
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            return await logs_of(self._connections, self._topics)

    def newest_epoch(self, partition: Partition) -> int:
        """The newest leader epoch in the last fetch of the partition; -1 if its format has none."""
        return self._epochs.newest[partition]

    async def ends_of(self, epochs: Mapping[Partition, int], logs: Logs) -> dict[Partition, int]:
        """See ``worker.kafka.leader_epochs.ends_of``. Raises one of ``worker.kafka.TROUBLE``."""
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            return await ends_of(self._connections, logs.leaders, epochs)

    async def answers(self) -> bool:
        """True if any broker answers."""
        self._credentials.renew(self._client)
        try:
            async with asyncio.timeout(LOOKUP_TIMEOUT):
                await metadata_of(self._connections, self._topics)
        except TROUBLE:
            return False
        remember(self._connections)
        return True

    async def report(self, positions: Mapping[Partition, int]) -> None:
        """Commit positions to Kafka, for lag tools only. The worker never reads them."""
        offsets = {TopicPartition(*partition): offset for partition, offset in positions.items()}
        async with asyncio.timeout(COMMIT_TIMEOUT):
            await self._client.commit(offsets)
