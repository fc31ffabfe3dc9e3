"""A producer of single records for the demo, tests and benchmarks; the worker itself sends by `producer.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from worker.kafka.client import REQUEST_TIMEOUT_MS, client_options, start, stop
from worker.settings.kafka import Kafka


@asynccontextmanager
async def writer(
    settings: Kafka, max_message_bytes: int = 1_048_576, *, request_timeout_ms: int = REQUEST_TIMEOUT_MS
) -> AsyncIterator[AIOKafkaProducer]:
    """An idempotent producer with acks from all replicas.

    It gives up a record that it can't send within the timeout.
    """
    client = AIOKafkaProducer(
        **client_options(settings) | {"request_timeout_ms": request_timeout_ms},
        acks="all",
        enable_idempotence=True,
        max_request_size=max_message_bytes,
        max_batch_size=256 * 1024,
        linger_ms=5,
    )
    try:
        await start(client)
        yield client
    finally:
        await stop(client)
