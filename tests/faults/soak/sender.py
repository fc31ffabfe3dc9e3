"""Upstream at a fixed rate, past all faults: what it failed to send in time it sends afterwards."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.faults.soak.timeline import Timeline
from tests.stage.stage import Positions, Stage
from tests.stage.upstream import Event
from worker.kafka.reader import read_all
from worker.kafka.writer import writer

TICK = 0.05
MOST_AT_ONCE = 1000
ANSWER_SECONDS = 90.0  # longer than brokers are away; then the outcome is unknown
PAUSE = 1.0
TROUBLE = (KafkaError, TimeoutError, OSError)

Name = tuple[str, bytes | None, bytes | None]  # kind, key and value: all that the input shows of an event


class Sender:
    """An open loop: what is due depends on the clock alone.

    It goes past the proxies and retries as an idempotent producer does. What has an unknown outcome all the same is
    sent again with a new producer; the inputs tell in the end which of the two arrived, or both.
    """

    def __init__(self, stage: Stage, events: Iterator[Event], per_second: int, timeline: Timeline) -> None:
        self.per_second = per_second
        self.ends: Positions = {}  # of the inputs, as far as is known
        self.unknown = 0
        self.longest_arrears = 0.0
        self._stage = stage
        self._events = events
        self._timeline = timeline
        self._again: list[Event] = []
        self._known: dict[Name, Event] = {}
        self._acknowledged: Counter[Name] = Counter()
        self._tried: Counter[Name] = Counter()
        self._began = 0.0
        self._taken = 0

    @property
    def in_log(self) -> int:
        """Records known to be in the inputs."""
        return sum(self.ends.values())

    async def pour(self, over: asyncio.Event) -> None:
        """Send until told that it is over, and then until everything is acknowledged."""
        self._began = time.monotonic()
        while not over.is_set() or self._again:
            try:
                async with writer(self._stage.settings.kafka) as producer:
                    while not over.is_set() or self._again:
                        await self._send(producer, self._due(over))
                        await asyncio.sleep(TICK)
            except TROUBLE as error:
                self._timeline.say(f"sender: {type(error).__name__}, {len(self._again)} records unknown")
                await asyncio.sleep(PAUSE)
                await self._count()

    def _due(self, over: asyncio.Event) -> list[Event]:
        again, self._again = self._again[:MOST_AT_ONCE], self._again[MOST_AT_ONCE:]
        if again or over.is_set():
            return again
        due = (time.monotonic() - self._began) * self.per_second - self._taken
        self.longest_arrears = max(self.longest_arrears, due / self.per_second)
        new = list(islice(self._events, min(int(due), MOST_AT_ONCE)))
        self._taken += len(new)
        self._known |= {name(event): event for event in new}
        return new

    async def _send(self, producer: AIOKafkaProducer, events: Sequence[Event]) -> None:
        answers = await asyncio.gather(*(self._send_one(producer, event) for event in events), return_exceptions=True)
        failures = []
        for event, answer in zip(events, answers, strict=True):
            if isinstance(answer, BaseException):
                self._again.append(event)
                failures.append(answer)
            else:
                self._acknowledged[name(event)] += 1
        if failures:
            self.unknown += len(failures)
            raise failures[0]

    async def _send_one(self, producer: AIOKafkaProducer, event: Event) -> None:
        self._tried[name(event)] += 1
        async with asyncio.timeout(ANSWER_SECONDS):
            topic, headers = self._stage.topics[event.kind], list(event.headers)
            sent = await producer.send(topic, event.value, event.key, partition=event.partition, headers=headers)
            place = await sent
        partition = place.topic, place.partition
        self.ends[partition] = max(self.ends.get(partition, 0), place.offset + 1)

    async def _count(self) -> None:
        """Some of what has no answer may be in the logs."""
        with suppress(*TROUBLE):
            self.ends = await self._stage.ends()

    async def arrived(self) -> list[Event]:
        """The events as the inputs hold them; what upstream or Kafka lost or made up is a violation."""
        kinds = self._stage.settings.topics.inputs
        found: list[Event] = []
        async for records in read_all(self._stage.settings.kafka, list(kinds)):
            for record in records:
                event = self._known.get((kinds[record.topic], record.key, record.value))
                if event is None:
                    self._timeline.violation(f"nobody sent {record.topic}[{record.partition}] {record.offset}")
                else:
                    found.append(event)
        times = Counter(map(name, found))
        lost, doubled = (self._acknowledged - times).total(), (times - self._tried).total()
        if lost or doubled:
            self._timeline.violation(f"the inputs lack {lost} acknowledged records, and hold {doubled} too many")
        return found


def name(event: Event) -> Name:
    return event.kind, event.key, event.value
