"""Sending dead letters back to the topics they came from."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from typing import Final

from worker.dlq.letter import REPLAY_HEADER, Letter, Place, read_letter
from worker.kafka.limits import Limits
from worker.kafka.producer import PlainProducer
from worker.kafka.ranges import Range, read_ranges
from worker.records.message import Message
from worker.records.record import Partition
from worker.settings.kafka import Kafka

DLQ_HEADERS: Final = "__dlq."
PIECE: Final = 500  # letters at a time
PIECE_BYTES: Final = 4 * 1024 * 1024


def sent_back(letter: Letter) -> Message:
    """The record as it first came, on the partition that its key says, with the mark. The letter has an origin."""
    record, origin = letter.record, letter.origin
    assert origin is not None  # noqa: S101 -- who has none is not sent
    # What failed again after a replay carries the mark of that one.
    ours = (name == REPLAY_HEADER or name.startswith(DLQ_HEADERS) for name, _ in record.headers)
    headers = [header for header, is_ours in zip(record.headers, ours, strict=True) if not is_ours]
    headers.append((REPLAY_HEADER, str(origin).encode()))
    # Producers spread records without a key: any partition will do, and its own is as good as any.
    partition = origin.partition if record.key is None else None
    return Message.of(origin.topic, partition, record.key, record.value, headers)


async def send(kafka: Kafka, letters: Collection[Place], *, rate: int) -> AsyncIterator[int]:
    """Send these letters back, at most so many per second; yields how many more are acknowledged, as they are.

    Raises one of ``worker.kafka.TROUBLE``; a few more may be out then.
    """
    producer = PlainProducer(kafka, Limits())
    try:
        await producer.start()
        began, sent = time.monotonic(), 0
        async for piece in _pieces(kafka, letters, min(rate, PIECE)):
            await asyncio.sleep(began + sent / rate - time.monotonic())
            await producer.send(piece)
            sent += len(piece)
            yield len(piece)
    finally:
        await producer.stop()


async def _pieces(kafka: Kafka, letters: Collection[Place], size: int) -> AsyncIterator[list[Message]]:
    """The letters as they are to be sent, some at a time, those of one partition in their order."""
    ranges: dict[Partition, Range] = {}
    for topic, partition, offset in letters:
        first, end = ranges.get((topic, partition), (offset, offset + 1))
        ranges[topic, partition] = (min(first, offset), max(end, offset + 1))
    piece: list[Message] = []
    async for records in read_ranges(kafka, ranges, {}):
        for letter in map(read_letter, records):
            if letter.place not in letters:
                continue
            piece.append(sent_back(letter))
            if len(piece) == size or sum(len(message.encoded) for message in piece) > PIECE_BYTES:
                yield piece
                piece = []
    if piece:
        yield piece
