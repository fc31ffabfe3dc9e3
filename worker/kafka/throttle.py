"""Quotas of brokers on what a client writes: they take a request, answer, and then leave its connection unread.

They say in the answer for how long, and the client does not look. What else it asks would wait behind that: the
coordinators of a transaction, and whether it stands. So a quota that is low enough let no transaction ever end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.protocol.produce import ProduceRequest

from worker.kafka.insides import replace_send
from worker.log.reminders import Reminders

# Seconds until a broker aborts a transaction that is left open, as the worker asks for them at first. So long, a frozen
# publisher holds back every read_committed reader, unless another worker takes its slot over.
TRANSACTION_SECONDS = 15
LONGEST_TRANSACTION = 900  # brokers' default for transaction.max.timeout.ms

# The producer takes the first, from what it wants on, that the brokers' `transaction.max.timeout.ms` allows. A shorter
# one loses nothing: the worker publishes again what is aborted. It only has to be long enough for the largest batch.
SHORTER_SECONDS = (240, 60, TRANSACTION_SECONDS, 10, 5)

LASTS_SECONDS = 600.0  # without a throttled answer, after which transactions are as short as at first
TOLD_FROM = 1.0  # seconds; less holds nothing up
LONGEST_PAUSE = 30.0  # before a transaction; after that a connection that is still unread is given up

WHY = (
    "brokers throttle what client id salesplan writes: its quota producer_byte_rate, or request_percentage, is too low"
)
TODO = (
    "raise it: kafka-configs.sh --alter --entity-type clients --entity-name salesplan --add-config "
    "producer_byte_rate=BYTES (or where it is set: for the user, or as a default). Until then announcements are late; "
    "brokers' transaction.max.timeout.ms must leave one outbox row the time that the quota takes"
)


class Throttle:
    """How brokers throttle this process. Outlives sessions."""

    def __init__(
        self,
        reminders: Reminders | None = None,
        held_up: Callable[[float], None] = lambda seconds: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``held_up`` is told for how many seconds brokers hold the worker up, which is then not stuck."""
        self._reminders = reminders or Reminders()
        self._held_up = held_up
        self._clock = clock
        self._wanted = TRANSACTION_SECONDS
        self._until = 0.0

    @property
    def transaction_seconds(self) -> int:
        """How long a transaction has to be allowed to be open."""
        return self._wanted if self._clock() < self._until else TRANSACTION_SECONDS

    def shorter(self) -> list[int]:
        """What to ask for, one after the other, where brokers refuse that."""
        return [seconds for seconds in SHORTER_SECONDS if seconds < self.transaction_seconds]

    def noted(self, seconds: float) -> None:
        """A broker leaves a connection unread for so long."""
        self._held_up(seconds)
        if seconds >= TOLD_FROM:
            self._until = self._clock() + seconds + LASTS_SECONDS
            self._reminders.warning("throttled_by_brokers", why=WHY, todo=TODO)

    def ran_out(self, seconds: int) -> None:
        """A transaction that was throttled took longer than it may: the next may take four times as long."""
        self._wanted = min(4 * seconds, LONGEST_TRANSACTION)
        self._until = self._clock() + LASTS_SECONDS


class ThrottledClient:
    """Sends what is no record over connections of their own, and notes how brokers throttle records."""

    def __init__(self, client: AIOKafkaClient, throttle: Throttle) -> None:
        self._throttle = throttle
        self._unread_until = 0.0
        self.was_throttled = False  # for a while, since somebody set this to False
        self._send: Callable[..., Awaitable[Any]] = client.send
        replace_send(client, self._send_apart)

    async def pause(self) -> None:
        """Wait until brokers read on, but not for ever."""
        await asyncio.sleep(min(self._unread_until - time.monotonic(), LONGEST_PAUSE))

    async def _send_apart(self, node_id: int, request: Any, *, group: int = ConnectionGroup.DEFAULT) -> Any:
        if not isinstance(request, ProduceRequest):
            return await self._send(node_id, request, group=ConnectionGroup.COORDINATION)
        answer = await self._send(node_id, request, group=group)
        if milliseconds := getattr(answer, "throttle_time_ms", 0):  # the oldest brokers tell none
            seconds = milliseconds / 1000
            self._unread_until = max(self._unread_until, time.monotonic() + seconds)
            self.was_throttled |= seconds >= TOLD_FROM
            self._throttle.noted(seconds)
        return answer
