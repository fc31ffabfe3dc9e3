"""Detects logs that were cut and written over: the offsets are valid, but they hold other records now (KIP-320).

Each position stores the epoch of a leader whose log held all records before it. The worker asks a newer leader where
its log ends for this epoch. An end before the position means that the log was cut there. The check runs at each seek.
The intake drops records of a leader that is newer than the last check, and seeks again.
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

ANY = sys.maxsize  # above every epoch: the brokers tell no epochs, so there is nothing to compare
ATTEMPTS = 20
PAUSE = 0.2  # seconds between two questions, while the brokers do not agree on a leader


class TruncationCheck:
    """Compares the epochs of the present leaders with the epochs that the positions store."""

    def __init__(self, consumer: Consumer, group_id: str) -> None:
        self._consumer = consumer
        self._group = group_id
        self._epochs: dict[Partition, int] = {}

    def has_newer_leader(self, partitions: Iterable[Partition]) -> bool:
        """True where one of these partitions returned records of a newer leader than at the last seek."""
        return any(self._consumer.newest_epoch(at) > self._epochs[at] for at in partitions)

    async def compare_epochs(self, connection: postgres.Connection, found: Positions, logs: Logs) -> None:
        """Check that the logs still hold all records before the positions, and store the epochs of their leaders.

        Raises PositionsUnfitError where a log was cut, RefusalError where epochs went back, and
        ``worker.kafka.TROUBLE``.
        """
        logs = await self._current_logs(found, logs)
        to_compare = positions.with_newer_leader(found, logs)
        ends = await self._consumer.ends_of(to_compare, logs)
        positions.refuse_cut_logs(found, ends)
        unsure = to_compare.keys() - ends.keys()
        if unsure:  # their leaders are changing now; records of the new leader will cause another seek
            await asyncio.sleep(PAUSE)
        sure = {at: position for at, position in found.items() if at not in unsure}
        self._epochs = {at: -1 if position.epoch is None else position.epoch for at, position in found.items()}
        if not logs.leaders:
            self._epochs |= dict.fromkeys(sure, ANY)
        known = {at: logs.leaders[at].epoch for at in sure if at in logs.leaders}
        self._epochs |= known
        changed = {at: (position, known.get(at)) for at, position in sure.items() if position.epoch != known.get(at)}
        await positions.keep_epochs(connection, self._group, changed)

    async def _current_logs(self, found: Positions, logs: Logs) -> Logs:
        """Ask until a broker answers whose epochs are not below the stored ones. Raises RefusalError after a while."""
        for _ in range(ATTEMPTS):
            if not positions.with_older_leader(found, logs):
                return logs
            await asyncio.sleep(PAUSE)
            logs = await self._consumer.logs()
        if went_back := positions.with_older_leader(found, logs):
            raise RefusalError(positions.epochs_went_back(went_back, logs))
        return logs
