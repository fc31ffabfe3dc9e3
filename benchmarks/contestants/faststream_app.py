"""(c) The same with FastStream: ``single`` makes one transaction for each event, ``batch`` one a poll."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from faststream.kafka import KafkaBroker, KafkaMessage

from benchmarks.contestants import plain
from benchmarks.contestants.course import FETCH, Clock, Course

OPTIONS: dict[str, Any] = {"auto_offset_reset": "earliest", **FETCH}


def _messages(assigned: list[plain.Assigned]) -> list[tuple[bytes, bytes]]:
    return [found.message() for found in assigned]


async def main(style: str) -> None:
    course, clock, done = Course.given(), Clock(), asyncio.Event()
    connection = await plain.connect(course.database)
    book = await plain.book(connection)
    broker = KafkaBroker(course.servers, logger=None, acks="all", enable_idempotence=True, max_batch_size=256 * 1024)
    seen = 0

    def count(records: int) -> None:
        nonlocal seen
        seen += records
        if seen >= course.events:
            done.set()

    async def single(event: plain.Event, message: KafkaMessage) -> None:
        clock.begin()
        kind = plain.kind_of(message.raw_message.topic)
        for assigned in await plain.assign(connection, book, kind, event):
            key, value = assigned.message()
            await broker.publish(value, course.output, key=key)
        count(1)

    async def batch(events: list[plain.Event], message: KafkaMessage) -> None:
        clock.begin()
        kinds = [plain.kind_of(record.topic) for record in message.raw_message]
        assigned = await plain.assign_all(connection, book, zip(kinds, events, strict=True))
        # publish_batch takes no keys, so the messages about one lead would have no order. Hence one by one.
        sent = [
            await broker.publish(value, course.output, key=key, no_confirm=True) for key, value in _messages(assigned)
        ]
        await asyncio.gather(*sent)
        count(len(events))

    if style == "single":
        broker.subscriber(*course.inputs, group_id=course.group, **OPTIONS)(single)
    else:
        broker.subscriber(*course.inputs, group_id=course.group, batch=True, batch_timeout_ms=200, **OPTIONS)(batch)
    async with broker:
        await broker.start()
        await done.wait()
        clock.end()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
