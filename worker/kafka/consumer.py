"""The group's consumer: polls and seeks; where to read is for others to say."""

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
from worker.kafka.client import Identity, client_options, start, stop
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

# Bytes that one poll may bring: bounds memory, and is still some batches. Twice as much is no faster.
FETCH_BYTES = 4 * 1024 * 1024
PARTITION_BYTES = 256 * 1024
LOOKUP_TIMEOUT = 10.0
COMMIT_TIMEOUT = 5.0
PROBE_MS = 200
REACHED_TIMEOUT = 0.1
POLL_GRACE = 1.0


class NotSoughtError(Exception):
    """A partition was polled before it was told where to start."""


class UnreadableError(Exception):
    """The client can't unpack some record; what else it had at hand is lost and must be read again."""


class Unreadable(NamedTuple):
    """A batch or record that the client can't unpack: its offset, and the reason, without anything of its payload."""

    offset: int
    why: str


class PositionGoneError(Exception):
    """The log does not hold the position any more, or not yet: records are lost, or the topic is another one."""

    def __init__(self, partition: Partition, position: int) -> None:
        super().__init__(f"{partition[0]}[{partition[1]}] at {position}")
        self.partition = partition
        self.position = position


class Listener(ConsumerRebalanceListener):
    """Passes a rebalance on; returns at once, since no heartbeat is sent while it runs."""

    def __init__(self, revoked: Callable[[], None], assigned: Callable[[], None]) -> None:
        self._revoked = revoked
        self._assigned = assigned

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._revoked()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._assigned()


class Consumer:
    """A member of the consumer group that reads committed records from the positions it is told."""

    def __init__(self, settings: Kafka, topics: Collection[str], letters: Mapping[str, str] | None = None) -> None:
        """``letters`` are the topics of dead letters, by that of the records."""
        self._topics = list(topics)
        self._letters = dict(letters or {})
        self._group_id = settings.group_id
        self._identity = Identity(settings)
        self._client = AIOKafkaConsumer(
            **client_options(settings),
            group_id=settings.group_id,
            isolation_level="read_committed",
            enable_auto_commit=False,
            # Positions come from Postgres: never guess one.
            auto_offset_reset="none",
            partition_assignment_strategy=(LeadAssignor,),
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=3_000,
            rebalance_timeout_ms=30_000,
            # A topic that was not allowed for a moment is left out of the assignment until it is seen again.
            metadata_max_age_ms=20_000,
            fetch_max_wait_ms=100,
            fetch_max_bytes=FETCH_BYTES,
            max_partition_fetch_bytes=PARTITION_BYTES,
        )
        self._connections = connections(self._client)
        self._epochs = FetchedEpochs(self._connections)

    async def start(self, revoked: Callable[[], None], assigned: Callable[[], None]) -> None:
        """Join the group; ``revoked`` and ``assigned`` are called as partitions go and come."""
        await start(self._client)
        self._client.subscribe(self._topics, listener=Listener(revoked, assigned))

    async def stop(self) -> None:
        """Leave the group, within bounds."""
        await stop(self._client)

    def assignment(self) -> set[Partition]:
        """The partitions this member holds now."""
        return {(tp.topic, tp.partition) for tp in self._client.assignment()}

    def seek(self, positions: Mapping[Partition, int]) -> None:
        """Read on from these positions, where they are of partitions held. Without an await, so that no poll comes in
        between.
        """
        for partition in self.assignment() & positions.keys():
            self._client.seek(TopicPartition(*partition), positions[partition])

    async def poll(self, wait_ms: int) -> dict[Partition, Sequence[Record]]:
        """Whatever has been fetched, or what arrives within ``wait_ms``; nothing while the group takes its time. No
        partition comes without records.

        Raises NotSoughtError, UnreadableError, PositionGoneError, or one of ``worker.kafka.TROUBLE``.
        """
        try:
            # During a rebalance the client waits for its end for ever. Nothing is taken out of it meanwhile.
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
            ((place, position),) = error.args[0].items()
            raise PositionGoneError((place.topic, place.partition), position) from error
        except KafkaError as error:
            if is_full(error):
                raise GroupFullError(self._group_id) from None
            raise
        return {(tp.topic, tp.partition): records for tp, records in fetched.items() if records}

    async def pause_unreadable(self) -> dict[Partition, Unreadable]:
        """Find the partitions whose next records can't be unpacked, and read those no more; returns them.

        What this reads of the others is lost: every partition must be sought again. Raises ``worker.kafka.TROUBLE``.
        """
        found = {}
        for tp in self._client.assignment() - self._client.paused():
            if await self._raised(tp) is None:
                continue
            async with asyncio.timeout(LOOKUP_TIMEOUT):
                unreadable = await self._first_unreadable(tp)
            if unreadable and tp in self._client.assignment():  # no rebalance has come meanwhile
                found[tp.topic, tp.partition] = unreadable
                self._client.pause(tp)
        return found

    async def _first_unreadable(self, tp: TopicPartition) -> Unreadable | None:
        """Read record by record up to the bad one; the records before it were lost with it."""
        while tp in self._client.assignment():
            error = await self._raised(tp, at_most=1)
            if error and tp in self._client.assignment():
                why = str(error) if isinstance(error, UnpacksTooLargeError) else type(error).__name__
                return Unreadable(await self._client.position(tp), why)
        return None

    async def _raised(self, tp: TopicPartition, at_most: int | None = None) -> Exception | None:
        """What the client raises for the partition's next records, as many as are at hand."""
        try:
            await self._client.getmany(tp, timeout_ms=PROBE_MS, max_records=at_most)
        except UNREADABLE as error:
            return error
        return None

    async def without_letters(self) -> set[Partition]:
        """Partitions whose dead letters have no place: their topic has fewer partitions. Asks brokers."""
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            answer = await metadata_of(self._connections, [*self._topics, *self._letters.values()])
        counts = {found["topic"]: len(found["partitions"]) for found in answer["topics"]}
        return {
            (topic, number)
            for topic, letters in self._letters.items()
            if counts[letters]  # a topic that is missing, or may not be looked at, has no count
            for number in range(counts[letters], counts[topic])
        }

    def hold(self, held: Collection[Partition], free: Collection[Partition]) -> None:
        """Hand out no records of the one, and those of the other again. Without an await, as ``seek``."""
        ours = self._client.assignment()
        self._client.pause(*[place for partition in held if (place := TopicPartition(*partition)) in ours])
        self._client.resume(*[place for partition in free if (place := TopicPartition(*partition)) in ours])

    async def earliest(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """The offsets of the oldest records there are."""
        wanted = [TopicPartition(*partition) for partition in partitions]
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            found = await self._client.beginning_offsets(wanted)
        return {(tp.topic, tp.partition): offset for tp, offset in found.items()}

    async def reached(self) -> dict[Partition, tuple[int, int]]:
        """Each partition's end as a broker last told it, and up to where the client has read. Asks no broker.

        Partitions of which one or the other is not known are left out.
        """
        ends = {tp: self._client.highwater(tp) for tp in self._client.assignment()}
        found = {}
        for tp, end in ends.items():
            if end is None:
                continue
            try:
                async with asyncio.timeout(REACHED_TIMEOUT):
                    found[tp.topic, tp.partition] = end, await self._client.position(tp)
            except (KafkaError, TimeoutError):
                pass  # it is somebody else's by now, or not sought yet
        return found

    def open_since(self) -> dict[Partition, int]:
        """Where an open transaction of a sender holds the partition's readers, as brokers last told. Asks no broker."""
        found = {}
        for tp in self._client.assignment():
            end, stable = self._client.highwater(tp), self._client.last_stable_offset(tp)
            if end is not None and stable is not None and 0 <= stable < end:
                found[tp.topic, tp.partition] = stable
        return found

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        """The partition's first offset, and the one after its last."""
        place = TopicPartition(*partition)
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            starts = await self._client.beginning_offsets([place])
            ends = await self._client.end_offsets([place])
        return starts[place], ends[place]

    async def ends(self) -> dict[Partition, int]:
        """Where each partition of the topics ends for readers of committed records, whoever holds it.

        Raises one of ``worker.kafka.TROUBLE``.
        """
        parts = {topic: self._client.partitions_for_topic(topic) or () for topic in self._topics}
        places = [TopicPartition(topic, number) for topic, numbers in parts.items() for number in numbers]
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            found = await self._client.end_offsets(places)
        return {(tp.topic, tp.partition): end for tp, end in found.items()}

    async def group(self) -> ConsumerGroup:
        """The group this is a member of. Raises one of ``worker.kafka.TROUBLE``."""
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            return await describe(self._connections, self._group_id)

    async def logs(self) -> Logs:
        """Which logs the topics are now. Raises one of ``worker.kafka.TROUBLE``, also where one is missing."""
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            return await logs_of(self._connections, self._topics)

    def newest_epoch(self, partition: Partition) -> int:
        """The newest leader's epoch among the partition's records as they were fetched last; -1 where none tells it."""
        return self._epochs.newest[partition]

    async def ends_of(self, epochs: Mapping[Partition, int], logs: Logs) -> dict[Partition, int]:
        """As ``worker.kafka.leader_epochs.ends_of``. Raises one of ``worker.kafka.TROUBLE``."""
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            return await ends_of(self._connections, logs.leaders, epochs)

    async def answers(self) -> bool:
        """True where any broker answers."""
        self._identity.renew(self._client)
        try:
            async with asyncio.timeout(LOOKUP_TIMEOUT):
                await metadata_of(self._connections, self._topics)
        except TROUBLE:
            return False
        remember(self._connections)
        return True

    async def report(self, positions: Mapping[Partition, int]) -> None:
        """Commit positions to Kafka, for lag tools only: nothing here ever reads them."""
        offsets = {TopicPartition(*partition): offset for partition, offset in positions.items()}
        async with asyncio.timeout(COMMIT_TIMEOUT):
            await self._client.commit(offsets)
