"""(b) Makes one transaction for each event, with aiokafka and asyncpg.

``python -m benchmarks.contestants.one_by_one LANES``: 1 takes one event after the other; more take partitions side by
side, each over a connection of its own.
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict

from aiokafka import AIOKafkaProducer

from benchmarks.contestants import plain
from benchmarks.contestants.course import Clock, Course, Records


async def main(lanes: int) -> None:
    course, clock = Course.given(), Clock()
    connections = [await plain.connect(course.database) for _ in range(lanes)]
    book = await plain.book(connections[0])
    async with course.consumer() as consumer, course.producer() as producer:
        async for records in course.batches(consumer, clock):
            async with asyncio.TaskGroup() as tasks:
                for connection, lane in zip(connections, _lanes(records, lanes), strict=True):
                    tasks.create_task(_take(connection, book, producer, course.output, lane))
            await consumer.commit()
        clock.end()


def _lanes(records: Records, lanes: int) -> list[Records]:
    found: dict[int, Records] = defaultdict(list)
    for record in records:
        found[record.partition % lanes].append(record)
    return [found[lane] for lane in range(lanes)]


async def _take(
    connection: plain.Connection, book: plain.Book, producer: AIOKafkaProducer, output: str, records: Records
) -> None:
    for record in records:
        event = plain.Event.model_validate_json(record.value or b"")
        for assigned in await plain.assign(connection, book, plain.kind_of(record.topic), event):
            key, value = assigned.message()
            await producer.send_and_wait(output, value, key)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
