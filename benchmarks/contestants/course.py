"""Shared by all contestants: the environment, and the reading of the inputs."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

# The fetch settings of the worker, so no contestant has an advantage by its settings.
FETCH = {"fetch_max_wait_ms": 100, "fetch_max_bytes": 4 * 1024 * 1024, "max_partition_fetch_bytes": 256 * 1024}

Records = list["ConsumerRecord[bytes, bytes]"]


@dataclass(frozen=True)
class Course:
    """The course of a contestant: ``events`` records in ``inputs``, topics called ``<workload>.<kind of event>``."""

    servers: str
    database: str
    group: str
    inputs: Sequence[str]
    output: str
    events: int

    @classmethod
    def given(cls) -> Course:
        """Reads the course from the environment."""
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
        """A consumer in the group that reads from the beginning. It commits offsets only on request."""
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
        """An idempotent producer that waits for all replicas."""
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
        """Yields the records that arrive, until there were ``events`` of them."""
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
    """Measures the time from the first record to the end of the last one."""

    def __init__(self) -> None:
        self._began = 0.0

    def begin(self) -> None:
        """Starts the clock at the first call. Later calls change nothing."""
        self._began = self._began or time.perf_counter()

    def end(self) -> None:
        """Stops the clock, and prints the seconds."""
        sys.stdout.write(json.dumps({"seconds": time.perf_counter() - self._began}) + "\n")
