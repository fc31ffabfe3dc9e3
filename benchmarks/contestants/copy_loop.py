"""(a) Copies records from topics to a topic: the limit of the Kafka client. It makes no decision and stores nothing."""

from __future__ import annotations

import asyncio

from benchmarks.contestants.course import Clock, Course


async def main() -> None:
    course, clock = Course.given(), Clock()
    async with course.consumer() as consumer, course.producer() as producer:
        async for records in course.batches(consumer, clock):
            sent = [await producer.send(course.output, record.value, record.key) for record in records]
            await asyncio.gather(*sent)
            await consumer.commit()
        clock.end()


if __name__ == "__main__":
    asyncio.run(main())
