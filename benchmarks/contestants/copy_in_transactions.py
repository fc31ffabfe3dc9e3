"""Copies records from topics to a topic, each batch in one Kafka transaction with its offsets."""

from __future__ import annotations

import asyncio

from aiokafka import TopicPartition

from benchmarks.contestants.course import Clock, Course


async def main() -> None:
    course, clock = Course.given(), Clock()
    async with course.consumer() as consumer, course.producer(course.group) as producer:
        async for records in course.batches(consumer, clock):
            async with producer.transaction():
                sent = [await producer.send(course.output, record.value, record.key) for record in records]
                await asyncio.gather(*sent)
                ends = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}
                await producer.send_offsets_to_transaction(ends, course.group)
        clock.end()


if __name__ == "__main__":
    asyncio.run(main())
