"""An intake over a fake consumer and a real table of positions."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from tests.support.make import ARecord
from worker import postgres
from worker.intake import positions
from worker.intake.poll import Intake
from worker.kafka.consumer import Consumer, Unreadable
from worker.kafka.leader_epochs import Leader
from worker.kafka.logs import Logs
from worker.records.record import Partition, Record
from worker.rules.batch import Fetched

ORDERS = ("order", 0)
PAID = ("paid", 0)


def read(partition: Partition, *offsets: int) -> dict[Partition, list[ARecord]]:
    return {partition: [ARecord(*partition, offset) for offset in offsets]}


class FakeConsumer(Consumer):
    """Hands out what the test has put in; rebalances when the test says so."""

    def __init__(self) -> None:
        self.assigned: set[Partition] = {ORDERS}
        self.at_hand: dict[Partition, list[ARecord]] = {}
        self.waits: list[int] = []
        self.polls: list[Mapping[Partition, Sequence[ARecord]] | Exception | Callable[[], None]] = []
        self.sought: list[Mapping[Partition, int]] = []
        self.reported: list[Mapping[Partition, int]] = []
        self.bad: set[Partition] = set()
        self.topics = {"order": UUID(int=1), "paid": UUID(int=2)}
        self.cluster = "here"
        self.is_away = False
        self.no_place: set[Partition] = set()
        self.held: set[Partition] = set()
        self.leaders: dict[Partition, Leader] = {}
        self.epochs: dict[Partition, int] = {}  # of what is fetched
        self.epoch_ends: dict[Partition, int] = {}  # of the epoch that is asked about
        self.asked: list[dict[Partition, int]] = []

    async def start(self, revoked: Callable[[], None], assigned: Callable[[], None]) -> None:
        self.revoke, self.assign = revoked, assigned

    def assignment(self) -> set[Partition]:
        return self.assigned

    def seek(self, positions: Mapping[Partition, int]) -> None:
        self.sought.append(dict(positions))

    async def poll(self, wait_ms: int) -> dict[Partition, Sequence[Record]]:
        self.waits.append(wait_ms)
        if not wait_ms:
            at_hand, self.at_hand = self.at_hand, {}
            return cast(dict[Partition, Sequence[Record]], at_hand)
        answer = self.polls.pop(0)
        if callable(answer):
            answer()
            await asyncio.sleep(0)  # for what it has started
            answer = self.polls.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return cast(dict[Partition, Sequence[Record]], answer)  # of a record only the place is looked at

    async def report(self, positions: Mapping[Partition, int]) -> None:
        self.reported.append(dict(positions))

    async def pause_unreadable(self) -> dict[Partition, Unreadable]:
        return {partition: Unreadable(6, "UnicodeDecodeError") for partition in self.bad}

    async def without_dead_letter_partition(self) -> set[Partition]:
        return self.no_place

    def hold(self, held: Collection[Partition], free: Collection[Partition]) -> None:
        self.held = (self.held | set(held)) - set(free)

    async def earliest(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        return dict.fromkeys(partitions, 5)

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        return 40, 60

    def newest_epoch(self, partition: Partition) -> int:
        return self.epochs.get(partition, -1)

    async def ends_of(self, epochs: Mapping[Partition, int], logs: Logs) -> dict[Partition, int]:
        self.asked.append(dict(epochs))
        return {partition: self.epoch_ends[partition] for partition in epochs if partition in self.epoch_ends}

    async def answers(self) -> bool:
        return not self.is_away

    async def logs(self) -> Logs:
        return Logs(self.cluster, self.topics, self.leaders)


@dataclass
class Gate:
    """An intake over a fake consumer and a real table of positions."""

    consumer: FakeConsumer
    intake: Intake
    pool: postgres.Pool

    async def poll(self) -> list[list[int]]:
        return [[record.offset for record in fetched.records] for fetched in await self.fetched()]

    async def rebalanced(self) -> None:
        self.consumer.revoke()
        self.consumer.assign()

    async def fetched(self) -> list[Fetched]:
        return await self.intake.poll(self.pool)


async def position(gate: Gate) -> dict[Partition, int]:
    async with gate.pool.acquire() as connection:
        found = await positions.read(connection, "a-group")
    return {partition: position.next_offset for partition, position in found.items()}


async def written(gate: Gate, next_offset: int) -> None:
    """Move the positions, as if the pipeline had written all records before them."""
    async with gate.pool.acquire() as connection:
        await connection.execute("update salesplan.position set next_offset = $1", next_offset)
