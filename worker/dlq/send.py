"""Sends dead letters back to the topics that they came from."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from typing import Final

from worker.dlq.letter import REPLAY_HEADER, Coordinates, Letter, read_letter
from worker.kafka.limits import Limits
from worker.kafka.producer import PlainProducer
from worker.kafka.ranges import Range, read_ranges
from worker.records.message import Message
from worker.records.record import Partition
from worker.settings.kafka import Kafka

DLQ_HEADERS: Final = "__dlq."
PIECE: Final = 500  # letters that are sent at a time
PIECE_BYTES: Final = 4 * 1024 * 1024


def replayed_message(letter: Letter) -> Message:
    """The record as it first came, with the mark, for the partition that its key gives. The letter must have an origin.

    A letter of a record that failed again after a replay has the mark of that replay; this one replaces it.
    """
    record, origin = letter.record, letter.origin
    assert origin is not None  # noqa: S101 -- a letter without an origin is FOREIGN, and not sent
    ours = (name == REPLAY_HEADER or name.startswith(DLQ_HEADERS) for name, _ in record.headers)
    headers = [header for header, is_ours in zip(record.headers, ours, strict=True) if not is_ours]
    headers.append((REPLAY_HEADER, str(origin).encode()))
    # Producers spread records without a key over all partitions, so the record may as well keep its own.
    partition = origin.partition if record.key is None else None
    return Message.of(origin.topic, partition, record.key, record.value, headers)


async def send(kafka: Kafka, letters: Collection[Coordinates], *, rate: int) -> AsyncIterator[int]:
    """Sends these letters back, at most ``rate`` a second. Yields after each step how many the broker acknowledged.

    Raises one of ``worker.kafka.TROUBLE``. Some letters of the last step may have been written all the same.
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


async def _pieces(kafka: Kafka, letters: Collection[Coordinates], size: int) -> AsyncIterator[list[Message]]:
    """The letters as messages, at most ``size`` at a time, in the order of their offsets within each partition."""
    ranges: dict[Partition, Range] = {}
    for topic, partition, offset in letters:
        first, end = ranges.get((topic, partition), (offset, offset + 1))
        ranges[topic, partition] = (min(first, offset), max(end, offset + 1))
    piece: list[Message] = []
    async for records in read_ranges(kafka, ranges, {}):
        for letter in map(read_letter, records):
            if letter.coordinates not in letters:
                continue
            piece.append(replayed_message(letter))
            if len(piece) == size or sum(len(message.encoded) for message in piece) > PIECE_BYTES:
                yield piece
                piece = []
    if piece:
        yield piece
