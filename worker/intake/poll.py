"""Records in: polls Kafka behind a gate, from the positions in Postgres, and checks that no offset is missed.

A rebalance runs in the background and may overtake any await. So nothing is sought while it runs: it only closes
or opens the gate and raises the generation, and the next poll reads all positions and seeks every partition anew.
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
from worker.intake.lag import Behind, Lag
from worker.intake.positions import Position, PositionsUnfitError
from worker.intake.truncation import Truncation
from worker.kafka.consumer import Consumer, NotSoughtError, PositionGoneError, UnreadableError
from worker.records.record import Partition, Record
from worker.rules.batch import Fetched

POLL_MS = 200
GATE_PAUSE = 0.02

# How long records at hand wait for what has come since: enough for one answer of a broker that has something. Where so
# many bytes lie at hand they do not wait: a poll for a few large records brings hardly more than one for small ones.
MORE_MS = 5
ENOUGH_BYTES = 256 * 1024

log = structlog.get_logger()


class Intake:
    """The consumer, and how far it may be trusted."""

    def __init__(self, consumer: Consumer, group_id: str, max_batch: int) -> None:
        self._consumer = consumer
        self._group = group_id
        self._max_batch = max_batch
        self._open = False
        self._sought = False
        self._expected: dict[Partition, int] = {}
        self._positions: dict[Partition, Position] = {}  # as they were when they were sought
        self._reading = 0
        self._gaps = Gaps()
        self._lag = Lag()
        self._truncation = Truncation(consumer, group_id)
        self.generation = 0
        self._stopped: set[Partition] = set()
        self.held: Set[Partition] = frozenset()  # of all inputs: not read, since their dead letters have no place
        self.broken = False  # the client failed, and may never work again
        self.answers = True  # Kafka, when it was last asked

    @property
    def consumer(self) -> Consumer:
        """The client, for who looks at the whole group."""
        return self._consumer

    async def start(self) -> None:
        """Join the group."""
        await self._consumer.start(self._close, self._admit)

    @property
    def joined(self) -> bool:
        """Whether the group has told what to read, which may be nothing, and Kafka still answers."""
        return self._open and self.answers

    @property
    def readable(self) -> bool:
        """False while a partition that is ours had to be stopped."""
        return self._stopped.isdisjoint(self._consumer.assignment())

    async def report(self, positions: Mapping[Partition, int]) -> None:
        """Tell Kafka, for lag tools, how far the partitions that are ours were read: up to where they were sought, or
        to what was written since.
        """
        if not self._sought:
            return  # the positions that are known may be of an earlier turn
        if not self._open:
            # The broker would answer after the join that is under way, by then with "wrong generation", and on that
            # the client forgets the membership it has just been given: the group would rebalance for ever.
            return
        ours = {
            partition: max(self._positions[partition].next_offset, positions.get(partition, 0))
            for partition in self._consumer.assignment() & self._positions.keys()
        }
        if ours:
            await self._consumer.report(ours)

    def written(self, positions: Mapping[Partition, int]) -> None:
        """What lies before these positions is committed."""
        self._lag.written(positions)

    async def behind(self) -> dict[Partition, Behind]:
        """How far the partitions that are ours are behind their ends, where that is known."""
        return self._lag.look(await self._consumer.progress(), time.time(), time.monotonic())

    def distrust(self) -> None:
        """Drop what was fetched so far, and read all positions again before the next poll."""
        self.generation += 1
        self._sought = False

    def _close(self) -> None:
        reach("in_revoke")
        self._open = False
        self.distrust()

    def _admit(self) -> None:
        reach("in_assign")
        self.distrust()
        self._open = self.answers = True

    async def poll(self, pool: postgres.Pool) -> list[Fetched]:
        """What has arrived, cut into batches; nothing where there is nothing, or nothing that can be trusted.

        Raises PositionsUnfitError, ``worker.kafka.TROUBLE`` or ``worker.postgres.TROUBLE``.
        """
        if not self._open:
            await self._poll_and_drop()
            return []
        generation = self.generation
        if not self._sought and not await self._seek(pool, generation):
            return []
        arrived = await self._fetch()
        if arrived is None or generation != self.generation or self._truncation.new_leader(arrived):
            self.distrust()
            return []
        return list(self._cut(self._without_gaps(arrived)))

    async def _poll_and_drop(self) -> None:
        """Poll behind the closed gate: only then does the client rejoin its group, or tell why it can't."""
        await asyncio.sleep(GATE_PAUSE)
        try:
            await self._consumer.poll(POLL_MS)
        except (NotSoughtError, UnreadableError, PositionGoneError):
            pass  # of positions that are not ours; all are sought before the next poll that counts
        except kafka.TROUBLE:
            self.broken = True
            raise

    async def _fetch(self) -> Mapping[Partition, Sequence[Record]] | None:
        """What the client hands out; None where all must be sought again."""
        try:
            return await self._poll_all()
        except NotSoughtError:
            return None
        except UnreadableError:
            await self._stop_unreadable()
            return None
        except PositionGoneError as gone:
            await self._refuse_gone(gone)
            return None
        except kafka.TROUBLE:
            # Besides, the client may have moved past records it never handed out.
            self.broken = True
            raise

    async def _poll_all(self) -> dict[Partition, Sequence[Record]]:
        """What lies at hand with what came after it was fetched: meanwhile the client has fetched nothing more."""
        at_hand = await self._consumer.poll(0)
        if self._is_enough(at_hand.values()):
            return at_hand
        for partition, records in at_hand.items():  # counts as behind while the rest is waited for
            self._lag.fetched(partition, records[0].offset, records[0].timestamp / 1000)
        more = await self._consumer.poll(MORE_MS if at_hand else POLL_MS)
        return at_hand | {partition: [*at_hand.get(partition, ()), *records] for partition, records in more.items()}

    def _is_enough(self, runs: Collection[Sequence[Record]]) -> bool:
        """For a batch, or for memory."""
        if sum(map(len, runs)) >= self._max_batch:
            return True
        sizes = (len(record.key or b"") + len(record.value or b"") for records in runs for record in records)
        return sum(sizes) >= ENOUGH_BYTES

    async def _seek(self, pool: postgres.Pool, generation: int) -> bool:
        """Seek every assigned partition to its position; False where a rebalance came in between."""
        assigned = self._consumer.assignment()
        found = await self._positions_of(assigned, pool)
        held = await self._consumer.without_dead_letter_partition()
        reach("before_seek")
        if generation != self.generation:
            return False
        self._positions = {partition: found[partition] for partition in assigned}
        self._expected = {partition: position.next_offset for partition, position in self._positions.items()}
        self._reading = max((position.reading for position in found.values()), default=0)
        self._consumer.seek(self._expected)
        self._consumer.hold(held, self.held - held - self._stopped)
        self.held = held
        self._lag.sought(self._expected)
        self._sought = True
        log.info("sought", partitions=len(assigned), generation=generation)
        return True

    async def _positions_of(self, assigned: Set[Partition], pool: postgres.Pool) -> dict[Partition, Position]:
        """The group's positions, those of the assigned partitions started, and none of another log."""
        logs = await self._consumer.logs()
        async with postgres.borrowed(pool) as connection:
            found = await positions.read(connection, self._group)
            positions.refuse_others(found, logs, self._group)
            if unread := assigned - found.keys():
                await positions.start(connection, self._group, await self._consumer.earliest(unread))
            if unread or not all(found[partition].is_named(partition, logs) for partition in assigned):
                await positions.name_logs(connection, self._group, logs)
                found = await positions.read(connection, self._group)
            await self._truncation.compare(connection, {partition: found[partition] for partition in assigned}, logs)
        return found

    async def check_logs(self) -> None:
        """Look whether what is being read is still the log that was sought: a topic can be made anew meanwhile.

        Raises PositionsUnfitError, and one of ``worker.kafka.TROUBLE``.
        """
        if self._sought:
            logs = await self._consumer.logs()
            positions.refuse_others(self._positions, logs, self._group)

    async def check_places(self) -> None:
        """Look whether other partitions are to be held than are; if so, seek anew. Raises ``worker.kafka.TROUBLE``."""
        if self._sought and await self._consumer.without_dead_letter_partition() != self.held:
            self.distrust()

    async def ask(self) -> None:
        """Ask whether Kafka ``answers``: where nothing comes the client waits for brokers, and says nothing."""
        self.answers = await self._consumer.answers()

    async def _refuse_gone(self, gone: PositionGoneError) -> None:
        """Refuse to go on, unless the client tells of where it stood before it was sought."""
        if self._expected.get(gone.partition) != gone.position:
            return
        await self.check_logs()
        raise PositionsUnfitError(
            [positions.gone(gone.partition, gone.position, *await self._consumer.bounds(gone.partition))]
        )

    async def _stop_unreadable(self) -> None:
        """A record that the client can't unpack stops its own partition, and no other."""
        # Those that were at hand may have been moved past what is unreadable; begin at the positions.
        self._consumer.seek(self._expected)
        found = await self._consumer.pause_unreadable()
        self._stopped |= found.keys()
        for (topic, partition), unreadable in sorted(found.items()):
            log.error(
                "partition_stopped",
                topic=topic,
                partition=partition,
                offset=unreadable.offset,
                why=unreadable.why,
                todo="the client can't unpack what is there: have its sender mended (one of too large batches: make "
                "smaller ones), then move the position past it, with workers stopped: `salesplan offsets reset "
                f"--topic {topic} --to TIME --execute`",
            )

    def _without_gaps(self, arrived: Mapping[Partition, Sequence[Record]]) -> dict[Partition, Sequence[Record]]:
        """What lies before each partition's first new gap; from there on it, and no other, is read once more."""
        whole = {}
        for partition, records in arrived.items():
            expected = self._expected[partition]
            if before := self._gaps.before_new(partition, expected, records):
                whole[partition] = before
                expected = before[-1].offset + 1
            if len(before) < len(records):
                self._consumer.seek({partition: expected})
        return whole

    def _cut(self, arrived: Mapping[Partition, Sequence[Record]]) -> Iterator[Fetched]:
        batch: dict[Partition, Sequence[Record]] = {}
        room = self._max_batch
        for partition, records in arrived.items():
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
            self._lag.fetched(partition, expected[partition], made_at)
        everything = [record for records in batch.values() for record in records]
        return Fetched(
            records=everything,
            expected=expected,
            generation=self.generation,
            reading=self._reading,
            fetched_at=time.monotonic(),
            oldest=oldest,
        )
