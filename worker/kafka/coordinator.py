"""Asks the coordinator of a group or a transactional id, until it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

PAUSE = 0.2  # seconds
TIMEOUT = 30.0

T = TypeVar("T")


async def until_answered(name: str, ask: Callable[[], Awaitable[T]]) -> T:
    """Repeat ``ask`` while there is no coordinator for ``name`` yet, or while the coordinator loads.

    Raises KafkaError if another try does not help, and TimeoutError.
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
