"""What every contestant is told, and how it reads its inputs."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

# As the worker fetches, so that nobody is ahead by his settings.
FETCH = {"fetch_max_wait_ms": 100, "fetch_max_bytes": 4 * 1024 * 1024, "max_partition_fetch_bytes": 256 * 1024}

Records = list["ConsumerRecord[bytes, bytes]"]


@dataclass(frozen=True)
class Course:
    """``events`` records in the topics ``inputs``, each named ``<workload>.<kind of event>``."""

    servers: str
    database: str
    group: str
    inputs: Sequence[str]
    output: str
    events: int

    @classmethod
    def given(cls) -> Course:
        """By the environment."""
        return cls(
            os.environ["KAFKA_BOOTSTRAP_SERVERS"],
            os.environ["DATABASE_URL"],
            os.environ["BENCH_GROUP"],
            os.environ["BENCH_INPUTS"].split(","),
            os.environ["BENCH_OUTPUT"],
            int(os.environ["BENCH_EVENTS"]),
        )

    @asynccontextmanager
    async def consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        """A member of the group, reading from the beginning; offsets are committed by whoever asks for it."""
        client = AIOKafkaConsumer(
            *self.inputs,
            bootstrap_servers=self.servers,
            group_id=self.group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            **FETCH,
        )
        await client.start()
        try:
            yield client
        finally:
            await client.stop()

    @asynccontextmanager
    async def producer(self, transactional_id: str | None = None) -> AsyncIterator[AIOKafkaProducer]:
        """Idempotent, acks from all replicas."""
        client = AIOKafkaProducer(
            bootstrap_servers=self.servers,
            transactional_id=transactional_id,
            acks="all",
            enable_idempotence=True,
            max_batch_size=256 * 1024,
        )
        await client.start()
        try:
            yield client
        finally:
            await client.stop()

    async def batches(self, consumer: AIOKafkaConsumer, clock: Clock) -> AsyncIterator[Records]:
        """What arrives, until all ``events`` have."""
        seen = 0
        while seen < self.events:
            fetched = await consumer.getmany(timeout_ms=200)
            records = [record for of_partition in fetched.values() for record in of_partition]
            if not records:
                continue
            clock.begin()
            seen += len(records)
            yield records


class Clock:
    """From the first record at hand to the last one done with."""

    def __init__(self) -> None:
        self._began = 0.0

    def begin(self) -> None:
        """The first record is at hand; later ones change nothing."""
        self._began = self._began or time.perf_counter()

    def end(self) -> None:
        """Everything is done: tell."""
        sys.stdout.write(json.dumps({"seconds": time.perf_counter() - self._began}) + "\n")
