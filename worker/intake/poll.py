"""Polls Kafka for records, from the positions in Postgres, and checks that no offset is missed.

A rebalance runs in the background and may happen during any await. It only closes or opens a gate and raises the
generation; it never seeks. The next poll then reads all positions and seeks every partition again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator, Mapping, Sequence, Set

import structlog

from worker import kafka, postgres
from worker.failpoint import reach
from worker.intake import positions
from worker.intake.gaps import Gaps
from worker.intake.lag import LagMeter, PartitionLag
from worker.intake.positions import Position, PositionsUnfitError
from worker.intake.truncation import TruncationCheck
from worker.kafka.consumer import Consumer, NotSoughtError, PositionGoneError, UnreadableError
from worker.records.record import Partition, Record
from worker.rules.batch import Fetched

POLL_MS = 200
GATE_PAUSE = 0.02

# Records that the client already holds wait this long for more. One answer of a broker that has records fits into it.
# With ENOUGH_BYTES in the client they do not wait: a few large records make a batch that is worth a transaction.
MORE_MS = 5
ENOUGH_BYTES = 256 * 1024

log = structlog.get_logger()


class Intake:
    """Reads batches through a consumer. A gate and a generation say which of its records are valid."""

    def __init__(self, consumer: Consumer, group_id: str, max_batch: int) -> None:
        self._consumer = consumer
        self._group = group_id
        self._max_batch = max_batch
        self._open = False
        self._has_sought = False
        self._expected: dict[Partition, int] = {}
        self._positions: dict[Partition, Position] = {}  # as Postgres had them at the last seek
        self._reading = 0
        self._gaps = Gaps()
        self._lag = LagMeter()
        self._truncation = TruncationCheck(consumer, group_id)
        self.generation = 0
        self._unreadable: set[Partition] = set()
        self.paused: Set[Partition] = frozenset()  # of all inputs: those whose dead-letter topic lacks a partition
        self.broken = False  # the client failed and can't be used any more
        self.answers = True  # Kafka answered when the intake last asked

    @property
    def consumer(self) -> Consumer:
        """The client, for code that looks at the whole group."""
        return self._consumer

    async def start(self) -> None:
        """Join the group."""
        await self._consumer.start(self._close_gate, self._open_gate)

    @property
    def has_joined(self) -> bool:
        """True while the worker is a member of the group, perhaps without partitions, and Kafka answers."""
        return self._open and self.answers

    @property
    def is_readable(self) -> bool:
        """False while this worker has a partition with a record that the client can't unpack."""
        return self._unreadable.isdisjoint(self._consumer.assignment())

    async def report(self, positions: Mapping[Partition, int]) -> None:
        """Commit the positions of this worker's partitions to Kafka, for lag tools.

        A partition without a position in ``positions`` is reported at the offset of its last seek.
        """
        if not self._has_sought:
            return  # the positions in memory may be older than those in Postgres
        if not self._open:
            # The broker would answer after the join in progress, with "wrong generation". The client would then drop
            # its new membership, and the group would rebalance for ever.
            return
        ours = {
            partition: max(self._positions[partition].next_offset, positions.get(partition, 0))
            for partition in self._consumer.assignment() & self._positions.keys()
        }
        if ours:
            await self._consumer.report(ours)

    def move(self, positions: Mapping[Partition, int]) -> None:
        """The worker has committed all records before these positions."""
        self._lag.move(positions)

    async def lag(self) -> dict[Partition, PartitionLag]:
        """The lag of this worker's partitions. A partition whose end is not known yet is left out."""
        return self._lag.measure(await self._consumer.progress(), time.time(), time.monotonic())

    def begin_again(self) -> None:
        """Invalidate all fetched records. The next poll first reads all positions again."""
        self.generation += 1
        self._has_sought = False

    def _close_gate(self) -> None:
        reach("in_revoke")
        self._open = False
        self.begin_again()

    def _open_gate(self) -> None:
        reach("in_assign")
        self.begin_again()
        self._open = self.answers = True

    async def poll(self, pool: postgres.Pool) -> list[Fetched]:
        """The next records as batches. The list is empty where no record came, or where the records are invalid.

        Raises PositionsUnfitError, ``worker.kafka.TROUBLE`` or ``worker.postgres.TROUBLE``.
        """
        if not self._open:
            await self._poll_and_drop()
            return []
        generation = self.generation
        if not self._has_sought and not await self._seek(pool, generation):
            return []
        runs = await self._fetch()
        if runs is None or generation != self.generation or self._truncation.has_newer_leader(runs):
            self.begin_again()
            return []
        return list(self._batches(self._without_gaps(runs)))

    async def _poll_and_drop(self) -> None:
        """Poll while the gate is closed, and drop the records. Without polls the client does not rejoin its group."""
        await asyncio.sleep(GATE_PAUSE)
        try:
            await self._consumer.poll(POLL_MS)
        except (NotSoughtError, UnreadableError, PositionGoneError):
            pass  # harmless: the intake seeks all partitions before the next poll whose records count
        except kafka.TROUBLE:
            self.broken = True
            raise

    async def _fetch(self) -> Mapping[Partition, Sequence[Record]] | None:
        """The client's next records, a run for each partition. None means that the intake must seek them all again."""
        try:
            return await self._poll_all()
        except NotSoughtError:
            return None
        except UnreadableError:
            await self._stop_unreadable()
            return None
        except PositionGoneError as error:
            await self._refuse_position(error)
            return None
        except kafka.TROUBLE:
            # The client may also have moved past records that it never returned.
            self.broken = True
            raise

    async def _poll_all(self) -> dict[Partition, Sequence[Record]]:
        """Take the records that the client holds, and wait briefly for more. Only then does the client fetch again."""
        at_hand = await self._consumer.poll(0)
        if self._is_enough(at_hand.values()):
            return at_hand
        for partition, records in at_hand.items():  # these records count as lag during the wait
            self._lag.add_batch(partition, records[0].offset, records[0].timestamp / 1000)
        more = await self._consumer.poll(MORE_MS if at_hand else POLL_MS)
        return at_hand | {partition: [*at_hand.get(partition, ()), *records] for partition, records in more.items()}

    def _is_enough(self, runs: Collection[Sequence[Record]]) -> bool:
        """True where the runs fill a batch, or hold so many bytes that more would cost too much memory."""
        if sum(map(len, runs)) >= self._max_batch:
            return True
        sizes = (len(record.key or b"") + len(record.value or b"") for records in runs for record in records)
        return sum(sizes) >= ENOUGH_BYTES

    async def _seek(self, pool: postgres.Pool, generation: int) -> bool:
        """Seek every assigned partition to its position. False means that a rebalance came in between."""
        assigned = self._consumer.assignment()
        found = await self._positions_of(assigned, pool)
        paused = await self._consumer.without_dead_letter_partition()
        reach("before_seek")
        if generation != self.generation:
            return False
        self._positions = {partition: found[partition] for partition in assigned}
        self._expected = {partition: position.next_offset for partition, position in self._positions.items()}
        self._reading = max((position.reading for position in found.values()), default=0)
        self._consumer.seek(self._expected)
        self._consumer.hold(paused, self.paused - paused - self._unreadable)
        self.paused = paused
        self._lag.restart(self._expected)
        self._has_sought = True
        log.info("sought", partitions=len(assigned), generation=generation)
        return True

    async def _positions_of(self, assigned: Set[Partition], pool: postgres.Pool) -> dict[Partition, Position]:
        """Read all positions of the group, and start partitions without one. Refuses positions of another log."""
        logs = await self._consumer.logs()
        async with postgres.borrowed(pool) as connection:
            found = await positions.read(connection, self._group)
            positions.refuse_other_logs(found, logs, self._group)
            if unread := assigned - found.keys():
                await positions.start(connection, self._group, await self._consumer.earliest(unread))
            if unread or not all(found[partition].names_log(partition, logs) for partition in assigned):
                await positions.name_logs(connection, self._group, logs)
                found = await positions.read(connection, self._group)
            ours = {partition: found[partition] for partition in assigned}
            await self._truncation.compare_epochs(connection, ours, logs)
        return found

    async def check_logs(self) -> None:
        """Raises PositionsUnfitError if a topic was created anew since the last seek, or ``worker.kafka.TROUBLE``."""
        if self._has_sought:
            logs = await self._consumer.logs()
            positions.refuse_other_logs(self._positions, logs, self._group)

    async def check_dead_letter_partitions(self) -> None:
        """Begin again if other inputs lack a dead-letter partition than before. Raises ``worker.kafka.TROUBLE``."""
        if self._has_sought and await self._consumer.without_dead_letter_partition() != self.paused:
            self.begin_again()

    async def ask_kafka(self) -> None:
        """Ask a broker, and set ``answers``. A poll can't tell: the client waits silently for brokers that are gone."""
        self.answers = await self._consumer.answers()

    async def _refuse_position(self, error: PositionGoneError) -> None:
        """Raise PositionsUnfitError, unless the client's error is about an offset from before the last seek."""
        partition, position = error.partition, error.position
        if self._expected.get(partition) != position:
            return
        await self.check_logs()
        start, end = await self._consumer.bounds(partition)
        raise PositionsUnfitError([positions.outside_log(partition, position, start, end)])

    async def _stop_unreadable(self) -> None:
        """Pause each partition whose next record the client can't unpack. The others go on."""
        # The client may have moved past good records in front of the bad one, so all partitions start at the positions.
        self._consumer.seek(self._expected)
        found = await self._consumer.pause_unreadable()
        self._unreadable |= found.keys()
        for (topic, partition), unreadable in sorted(found.items()):
            log.error(
                "partition_stopped",
                topic=topic,
                partition=partition,
                offset=unreadable.offset,
                why=unreadable.why,
                todo="the client can't unpack the record at this offset: have the sender repaired (if its batches are "
                "too large, it must send smaller ones), stop all workers, and move the position past the record: "
                f"`salesplan offsets reset --topic {topic} --to TIME --execute`",
            )

    def _without_gaps(self, runs: Mapping[Partition, Sequence[Record]]) -> dict[Partition, Sequence[Record]]:
        """The records before each partition's first new gap. The next poll reads a partition again from its gap on."""
        complete = {}
        for partition, records in runs.items():
            expected = self._expected[partition]
            if before := self._gaps.records_before_new(partition, expected, records):
                complete[partition] = before
                expected = before[-1].offset + 1
            if len(before) < len(records):
                self._consumer.seek({partition: expected})
        return complete

    def _batches(self, runs: Mapping[Partition, Sequence[Record]]) -> Iterator[Fetched]:
        batch: dict[Partition, Sequence[Record]] = {}
        room = self._max_batch
        for partition, records in runs.items():
            start = 0
            while start < len(records):
                batch[partition] = run = records[start : start + room]
                start += len(run)
                room -= len(run)
                if not room:
                    yield self._fetched(batch)
                    batch, room = {}, self._max_batch
        if batch:
            yield self._fetched(batch)

    def _fetched(self, batch: Mapping[Partition, Sequence[Record]]) -> Fetched:
        expected = {partition: self._expected[partition] for partition in batch}
        self._expected |= {partition: records[-1].offset + 1 for partition, records in batch.items()}
        oldest = {partition: records[0].timestamp / 1000 for partition, records in batch.items()}
        for partition, made_at in oldest.items():
            self._lag.add_batch(partition, expected[partition], made_at)
        everything = [record for records in batch.values() for record in records]
        return Fetched(
            records=everything,
            expected=expected,
            generation=self.generation,
            reading=self._reading,
            fetched_at=time.monotonic(),
            oldest=oldest,
        )
