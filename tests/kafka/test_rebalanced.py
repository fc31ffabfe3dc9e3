"""Partitions that a rebalance has taken away while the consumer was at work on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Any, NoReturn, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, IllegalStateError

from worker.kafka.consumer import Consumer, Unreadable
from worker.settings.kafka import Kafka

HERE, GONE = ("order", 0), ("order", 1)


class Client:
    """Holds partitions, as aiokafka's: it refuses to seek or pause any other. What it fetches can't be unpacked."""

    def __init__(self) -> None:
        self.held = {TopicPartition(*HERE), TopicPartition(*GONE)}
        self.sought: dict[TopicPartition, int] = {}
        self.paused_ones: set[TopicPartition] = set()

    def assignment(self) -> Collection[TopicPartition]:
        return frozenset(self.held)

    def paused(self) -> Collection[TopicPartition]:
        return frozenset(self.paused_ones)

    def seek(self, place: TopicPartition, offset: int) -> None:
        self._require(place)
        self.sought[place] = offset

    def pause(self, place: TopicPartition) -> None:
        self._require(place)
        self.paused_ones.add(place)

    async def getmany(self, *_: TopicPartition, timeout_ms: int, max_records: int | None = None) -> NoReturn:
        self.held.discard(TopicPartition(*GONE))  # while it waits for records
        raise CorruptRecordException

    async def position(self, place: TopicPartition) -> int:
        self._require(place)
        return 5

    def _require(self, place: TopicPartition) -> None:
        if place not in self.held:
            raise IllegalStateError(f"No current assignment for partition {place}")


@pytest.fixture
async def consumer() -> AsyncIterator[Consumer]:
    made = Consumer(Kafka(bootstrap_servers="nobody:9092", group_id="salesplan"), ["order"])
    real, made._client = made._client, cast(Any, Client())
    yield made
    await real.stop()


async def test_what_is_held_no_more_is_not_sought(consumer: Consumer) -> None:
    """The client's refusal would pass for a bug, and end the process."""
    client = cast(Client, consumer._client)
    client.held.discard(TopicPartition(*GONE))
    consumer.seek({HERE: 7, GONE: 9})
    assert client.sought == {TopicPartition(*HERE): 7}


async def test_what_is_held_no_more_is_not_stopped_for_a_record(consumer: Consumer) -> None:
    assert await consumer.pause_unreadable() == {HERE: Unreadable(5, "CorruptRecordException")}
    assert cast(Client, consumer._client).paused_ones == {TopicPartition(*HERE)}
