"""Small helpers for asyncio: long work in slices, and the errors of a task group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")

SLICE = 250  # items; the work on a slice takes some milliseconds


async def in_slices(items: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    """Yield the items in order, slice by slice. The loop's other tasks run between two slices.

    A worker runs out of processor time first. While it decodes or packs a batch in one go, it does not read an answer
    of Postgres, and the database has nothing to do. Later the loop waits for the database. In slices, both work at the
    same time (`benchmarks/README.md`). Heartbeats share the loop, too.
    """
    for start in range(0, len(items), SLICE):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + SLICE]


@asynccontextmanager
async def beside(*endless: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these coroutines during the block. All errors, also the block's own, come as an exception group."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(each) for each in endless]
        yield
        for task in running:
            task.cancel()


def errors_of(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """Yield the errors of the group in order, also those of nested groups."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from errors_of(error)
        else:
            yield error


def error_names(group: BaseExceptionGroup[BaseException]) -> list[str]:
    """The class names of the group's errors. Their texts may quote a lead, so a log line shows the names alone."""
    return [type(error).__name__ for error in errors_of(group)]
