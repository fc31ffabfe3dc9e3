"""How long a poll may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from aiokafka import AIOKafkaConsumer

from worker.kafka import consumer
from worker.kafka.consumer import Consumer


class Client:
    """Of a consumer only what a poll asks it for."""

    def __init__(self, getmany: Callable[[], Awaitable[object]]) -> None:
        self._getmany = getmany

    async def getmany(self, *, timeout_ms: int) -> object:
        return await self._getmany()


def over(client: Client) -> Consumer:
    polled = Consumer.__new__(Consumer)
    polled._client = cast(AIOKafkaConsumer, client)
    return polled


async def test_a_poll_ends_where_the_client_waits_for_the_group_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does where Kafka goes away in the middle of a rebalance."""
    monkeypatch.setattr(consumer, "POLL_GRACE", 0.01)
    assert await over(Client(asyncio.Event().wait)).poll(wait_ms=1) == {}


async def test_a_deadline_of_the_clients_own_is_trouble() -> None:
    async def late() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await over(Client(late)).poll(wait_ms=1)
