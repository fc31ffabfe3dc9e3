"""(e) A job queue on Postgres, PgQueuer: one job for each event, queued before. A job only inserts its assignment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode
from uuid_utils.compat import uuid7

from benchmarks.contestants import plain
from benchmarks.contestants.course import Clock, Course

BATCH = 1000  # the fastest here of 10, 100, 1,000 and 5,000
POOL = 10
CHUNK = 5000


async def main() -> None:
    course, clock, done = Course.given(), Clock(), 0
    async with asyncpg.create_pool(course.database, min_size=POOL, max_size=POOL) as pool:
        book = await plain.book(pool)
        queries = Queries(AsyncpgPoolDriver(pool))
        await queries.install()
        async with course.consumer() as consumer:
            async for records in course.batches(consumer, Clock()):
                for start in range(0, len(records), CHUNK):
                    jobs = records[start : start + CHUNK]
                    payloads = [plain.kind_of(job.topic).encode() + b"\0" + (job.value or b"") for job in jobs]
                    await queries.enqueue(["assign"] * len(jobs), payloads, [0] * len(jobs))
        queue = PgQueuer(AsyncpgPoolDriver(pool))

        @queue.entrypoint("assign")
        async def assign(job: Job) -> None:
            nonlocal done
            clock.begin()
            kind, value = (job.payload or b"").split(b"\0", 1)
            event = plain.Event.model_validate_json(value)
            for plan in plain.entries(book, kind.decode(), event):
                assigned = plain.Assigned(plan, event, kind.decode(), "anna", 1, uuid7(), datetime.now(UTC))
                await pool.execute(plain.INSERT, *assigned.row())
            done += 1

        await queue.qm.run(dequeue_timeout=timedelta(seconds=5), batch_size=BATCH, mode=QueueExecutionMode.drain)
        if done == course.events:
            clock.end()


if __name__ == "__main__":
    uvloop.run(main())
