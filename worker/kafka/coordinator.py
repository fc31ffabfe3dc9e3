"""Asks the broker that coordinates a group or a transactional id, until it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

PAUSE = 0.2  # seconds
TIMEOUT = 30.0

T = TypeVar("T")


async def until_answered(name: str, ask: Callable[[], Awaitable[T]]) -> T:
    """The answer of the coordinator of this name, asked again while there is none yet, or while it loads.

    Raises KafkaError where asking again does not help, and TimeoutError.
    """
    async with asyncio.timeout(TIMEOUT):
        while True:
            try:
                return await ask()
            except GroupAuthorizationFailedError:
                raise GroupAuthorizationFailedError(name) from None
            except KafkaError as error:
                if not error.retriable:
                    raise
            await asyncio.sleep(PAUSE)
