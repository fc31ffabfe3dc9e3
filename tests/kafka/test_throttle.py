"""A worker's reaction to brokers that throttle it."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.client import ConnectionGroup
from aiokafka.protocol.produce import ProduceRequest, ProduceResponse_v7

from worker.kafka.throttle import LASTS_SECONDS, Throttle, ThrottledClient


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_transactions_that_run_out_become_longer_and_later_short_again() -> None:
    """Up to what brokers allow by default; ten minutes without a throttled answer end it."""
    clock = Clock()
    throttle = Throttle(clock=clock)
    seen = []
    for _ in range(4):
        seen.append((throttle.transaction_seconds, throttle.shorter_seconds()))
        throttle.note_timeout(throttle.transaction_seconds)
    assert seen == [(15, [10, 5]), (60, [15, 10, 5]), (240, [60, 15, 10, 5]), (900, [240, 60, 15, 10, 5])]
    assert throttle.transaction_seconds == 900
    clock.now += LASTS_SECONDS - 1
    throttle.note_pause(30.0)
    clock.now += LASTS_SECONDS + 29
    assert throttle.transaction_seconds == 900
    clock.now += 2
    assert throttle.transaction_seconds == 15


def test_a_moment_is_not_told_and_holds_nothing_up() -> None:
    """Any client near its quota is held up for some milliseconds now and then."""
    clock = Clock()
    held: list[float] = []
    throttle = Throttle(held_up=held.append, clock=clock)
    throttle.note_timeout(15)
    clock.now += LASTS_SECONDS - 1
    throttle.note_pause(0.5)
    clock.now += 2
    assert throttle.transaction_seconds == 15
    assert held == [0.5]


class Connection:
    closed = 0

    def close(self) -> None:
        self.closed += 1


class Client:
    """Answers every produce request with this error code and a pause of 42 s."""

    def __init__(self, error_code: int) -> None:
        self.error_code = error_code
        self.connection = Connection()
        self._conns = {(1, ConnectionGroup.DEFAULT): self.connection}

    async def send(self, node_id: int, request: Any, *, group: int) -> ProduceResponse_v7:
        return ProduceResponse_v7(
            topics=[("lead-assigned", [(0, 0, 7, -1, 0), (1, self.error_code, -1, -1, -1)])], throttle_time_ms=42_000
        )


@pytest.mark.parametrize(("error_code", "closed", "unread"), [(0, 0, True), (19, 1, False)])
async def test_refused_records_go_over_a_new_connection(error_code: int, closed: int, unread: bool) -> None:
    """19 is NOT_ENOUGH_REPLICAS, which brokers answer until they have verified a transaction's partition."""
    client: Any = Client(error_code)
    throttled = ThrottledClient(client, Throttle())
    await client.send(1, ProduceRequest(None, -1, 1000, []), group=ConnectionGroup.DEFAULT)
    assert client.connection.closed == closed
    assert (throttled._unread_until > 0) is unread
    assert throttled.was_throttled
