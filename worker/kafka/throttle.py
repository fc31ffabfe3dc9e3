"""Quotas of brokers on the bytes that a client writes.

A broker accepts a request over the quota, answers it, and then does not read the connection for some time. The answer
says for how long, but the client ignores it. The client's other requests on the same connection would
wait as long: lookups of coordinators, and checks of a transaction's end. A low quota would then let no transaction end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.protocol.produce import ProduceRequest

from worker.kafka.insides import close_connection, replace_send
from worker.log.reminders import Reminders

# Seconds until a broker aborts an open transaction, by the worker's first request. For this long a frozen publisher
# holds back every read_committed reader, unless another worker takes over its slot.
TRANSACTION_SECONDS = 15
LONGEST_TRANSACTION = 900  # seconds; brokers' default for transaction.max.timeout.ms

# The producer tries these from its wanted timeout down, until the brokers' `transaction.max.timeout.ms` allows one. A
# shorter timeout loses nothing, because the worker publishes an aborted batch again. It must only suffice for the
# largest batch.
SHORTER_SECONDS = (240, 60, TRANSACTION_SECONDS, 10, 5)

LASTS_SECONDS = 600.0  # seconds without a throttled answer, after which transactions have their first timeout again
REPORTED_FROM = 1.0  # seconds; a shorter pause does no harm
LONGEST_PAUSE = 30.0  # seconds before a transaction; after that the client gives the connection up

WHY = "brokers throttle the writes of client id salesplan: quota producer_byte_rate or request_percentage is too low"
TODO = (
    "raise it: kafka-configs.sh --alter --entity-type clients --entity-name salesplan --add-config "
    "producer_byte_rate=BYTES (or where it is set: for the user, or as a default). Until then announcements are late; "
    "brokers' transaction.max.timeout.ms must leave one outbox row the time that the quota takes"
)


class Throttle:
    """The present throttling of this process by brokers. It outlives sessions."""

    def __init__(
        self,
        reminders: Reminders | None = None,
        held_up: Callable[[float], None] = lambda seconds: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``held_up`` gets the seconds for which brokers hold the worker up. The worker is not stuck during these."""
        self._reminders = reminders or Reminders()
        self._held_up = held_up
        self._clock = clock
        self._wanted = TRANSACTION_SECONDS
        self._until = 0.0

    @property
    def transaction_seconds(self) -> int:
        """The transaction timeout to request first, in seconds."""
        return self._wanted if self._clock() < self._until else TRANSACTION_SECONDS

    def shorter_seconds(self) -> list[int]:
        """Timeouts to try in this order after the brokers have refused the first, in seconds."""
        return [seconds for seconds in SHORTER_SECONDS if seconds < self.transaction_seconds]

    def note_pause(self, seconds: float) -> None:
        """Note that a broker does not read a connection for this long."""
        self._held_up(seconds)
        if seconds >= REPORTED_FROM:
            self._until = self._clock() + seconds + LASTS_SECONDS
            self._reminders.warning("throttled_by_brokers", why=WHY, todo=TODO)

    def note_timeout(self, seconds: int) -> None:
        """Note that a throttled transaction exceeded its timeout: the next may take four times as long."""
        self._wanted = min(4 * seconds, LONGEST_TRANSACTION)
        self._until = self._clock() + LASTS_SECONDS


class ThrottledClient:
    """Sends records and other requests over separate connections, and notes how brokers throttle the records."""

    def __init__(self, client: AIOKafkaClient, throttle: Throttle) -> None:
        self._client = client
        self._throttle = throttle
        self._unread_until = 0.0
        self.was_throttled = False  # for REPORTED_FROM or longer, since the producer last set this to False
        self._send: Callable[..., Awaitable[Any]] = client.send
        replace_send(client, self._send_apart)

    async def pause(self) -> None:
        """Wait until brokers read the connection again, at most LONGEST_PAUSE."""
        await asyncio.sleep(min(self._unread_until - time.monotonic(), LONGEST_PAUSE))

    async def _send_apart(self, node_id: int, request: Any, *, group: int = ConnectionGroup.DEFAULT) -> Any:
        if not isinstance(request, ProduceRequest):
            return await self._send(node_id, request, group=ConnectionGroup.COORDINATION)
        answer = await self._send(node_id, request, group=group)
        if milliseconds := getattr(answer, "throttle_time_ms", 0):  # the oldest brokers do not send it
            self._note(milliseconds / 1000, node_id, group, was_refused=_is_refused(answer))
        return answer

    def _note(self, seconds: float, node_id: int, group: int, *, was_refused: bool) -> None:
        self.was_throttled |= seconds >= REPORTED_FROM
        self._throttle.note_pause(seconds)
        if was_refused:
            # The broker counts refused records too. It refuses a transaction's first ones if it has not yet verified
            # their partitions. The client sends them again, and behind the pause the transaction would time out.
            close_connection(self._client, node_id, group)
        else:
            self._unread_until = max(self._unread_until, time.monotonic() + seconds)


def _is_refused(answer: Any) -> bool:
    """True if the broker refused the records of a partition."""
    return any(error_code for _, partitions in answer.topics for _, error_code, *_ in partitions)
