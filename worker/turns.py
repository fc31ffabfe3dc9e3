"""Long work in the loop, cut so that the other stages have their turns.

Python is what a worker runs out of first. While a batch is decoded or packed for Kafka in one go, an answer of
Postgres lies unread and the database has nothing to do; later the loop waits for the database. Cut into turns, the
two go on side by side (`benchmarks/README.md`). Besides, heartbeats share the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

T = TypeVar("T")

TURN = 250  # items; some milliseconds


async def by_turns(items: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    """The items in order, some at a time, and a turn for everybody else in between."""
    for start in range(0, len(items), TURN):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + TURN]
