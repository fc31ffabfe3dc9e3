"""Small helps for asyncio: long work in slices, and the errors of a task group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")

SLICE = 250  # items; a slice of them takes some milliseconds


async def in_slices(items: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    """The items in order, slice by slice. The other tasks of the loop run between two slices.

    Python is what a worker runs out of first. While it decodes or packs a batch in one go, an answer of Postgres lies
    unread and the database has nothing to do; later the loop waits for the database. In slices, the two go on side by
    side (`benchmarks/README.md`). Heartbeats share the loop, too.
    """
    for start in range(0, len(items), SLICE):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + SLICE]


@asynccontextmanager
async def beside(*endless: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these coroutines for the length of the block. Every error, of the block too, comes as an exception group."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(each) for each in endless]
        yield
        for task in running:
            task.cancel()


def errors_of(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """The errors of the group in order, those of nested groups included."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from errors_of(error)
        else:
            yield error


def error_names(group: BaseExceptionGroup[BaseException]) -> list[str]:
    """The class names of the group's errors. Their texts may quote a lead, so a log line shows the names alone."""
    return [type(error).__name__ for error in errors_of(group)]
