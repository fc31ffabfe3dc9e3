"""Logs that were cut and written over: the offsets fit, and other records lie there than were read (KIP-320).

Each position keeps an epoch of a leader whose log held all that was read. Where a later leader is there, it is asked
where its own log ends for that epoch: before the position, and the log was cut there. A partition has its epoch from
when it is sought; records of a later one are not handed out before it is sought anew.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable

from worker import postgres
from worker.intake import positions
from worker.intake.positions import Positions
from worker.kafka import RefusalError
from worker.kafka.consumer import Consumer
from worker.kafka.logs import Logs
from worker.records.record import Partition

ANY = sys.maxsize  # above every epoch: the brokers tell none to compare with
ATTEMPTS = 20
PAUSE = 0.2  # seconds, while brokers do not agree on a leader


class Truncation:
    """Compares the leaders' epochs with those that positions were read in."""

    def __init__(self, consumer: Consumer, group_id: str) -> None:
        self._consumer = consumer
        self._group = group_id
        self._epochs: dict[Partition, int] = {}

    def new_leader(self, arrived: Iterable[Partition]) -> bool:
        """Whether records of a later leader have arrived than what was sought was compared with."""
        return any(self._consumer.newest_epoch(at) > self._epochs[at] for at in arrived)

    async def compare(self, connection: postgres.Connection, found: Positions, logs: Logs) -> None:
        """See that the logs still hold what was read, and keep the epochs that they hold it in.

        Raises PositionsUnfitError where one was cut, RefusalError where epochs went back, and ``worker.kafka.TROUBLE``.
        """
        logs = await self._not_behind(found, logs)
        risen = positions.risen(found, logs)
        ends = await self._consumer.ends_of(risen, logs)
        positions.refuse_cut(found, ends)
        unsure = risen.keys() - ends.keys()
        if unsure:  # their leaders are just changing; sought anew as soon as records of a later one arrive
            await asyncio.sleep(PAUSE)
        sure = {at: position for at, position in found.items() if at not in unsure}
        self._epochs = {at: -1 if position.epoch is None else position.epoch for at, position in found.items()}
        if not logs.leaders:
            self._epochs |= dict.fromkeys(sure, ANY)
        known = {at: logs.leaders[at].epoch for at in sure if at in logs.leaders}
        self._epochs |= known
        kept = {at: (position, known.get(at)) for at, position in sure.items() if position.epoch != known.get(at)}
        await positions.keep_epochs(connection, self._group, kept)

    async def _not_behind(self, found: Positions, logs: Logs) -> Logs:
        """The logs as a broker knows them that is not behind what was known before."""
        for _ in range(ATTEMPTS):
            if not positions.fallen(found, logs):
                return logs
            await asyncio.sleep(PAUSE)
            logs = await self._consumer.logs()
        if fallen := positions.fallen(found, logs):
            raise RefusalError(positions.went_back(fallen, logs))
        return logs
