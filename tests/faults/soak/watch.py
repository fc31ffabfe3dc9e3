"""Looks at the ledger four times a second: is there progress, and how soon after each fault?"""

from __future__ import annotations

import asyncio
from typing import Any

from tests.faults.soak.crew import Crew
from tests.faults.soak.sender import Sender
from tests.faults.soak.timeline import Timeline
from tests.stage.stage import Positions, Stage
from worker import postgres
from worker.records.record import Partition

LOOK_PAUSE = 0.25
TELL_SECONDS = 60.0
STILL_SECONDS = 2.0  # for a partition with records; shorter may be chance
HOLD_SECONDS = 3.0  # a dead worker's partitions are not seen to stand still at once
STUCK_SECONDS = 180.0  # whatever strikes meanwhile

POSITIONS = """
    select topic, partition, next_offset,
           assigned + waiting + already_assigned + no_match + contact_recorded + dead_lettered as handled
    from salesplan.position
"""
ASSIGNED = "select coalesce(sum(last_seq), 0)::bigint from salesplan.plan_counter"
UNPUBLISHED = "select coalesce(sum(sequence - confirmed), 0)::bigint from salesplan.slot"


class Watch:
    def __init__(self, stage: Stage, sender: Sender, crew: Crew, timeline: Timeline) -> None:
        self.handled = 0
        self.assigned = 0
        self.unpublished = 0
        self.largest_backlog = 0
        self.longest_gap = 0.0  # without progress while something was to be done
        self.longest_gap_served = 0.0  # the same, counted only while no server was away
        self.longest_still = 0.0  # a partition
        self._stage = stage
        self._sender = sender
        self._crew = crew
        self._timeline = timeline
        self._positions: Positions = {}
        self._moved: dict[Partition, float] = {}  # when each partition moved, or had nothing to be read
        self._progressed = 0.0
        self._served = 0.0  # since when no server has been away
        self._well: float | None = None  # since when the workers have kept up
        self._stuck: set[Partition] = set()

    @property
    def backlog(self) -> int:
        return max(self._sender.in_log - self.handled, 0)

    @property
    def recovered(self) -> bool:
        """True if no fault is at work, and the workers have kept up for some seconds."""
        return not self._timeline.at_work and self._has_been_well(self._timeline.now)

    async def look(self) -> None:
        """For ever."""
        while True:
            try:
                async with self._stage.database() as connection:
                    while True:
                        await self._ask(connection)
                        await self._note()
            except postgres.TROUBLE:
                await self._note()

    async def tell(self) -> None:
        """A line a minute."""
        while True:
            await asyncio.sleep(TELL_SECONDS)
            sizes = sorted(self._crew.sizes())
            self._timeline.say(
                f"== sent {self._sender.in_log:,}, handled {self.handled:,}, assigned {self.assigned:,}, rows to "
                f"publish {self.unpublished}, faults {len(self._timeline.faults)}, violations "
                f"{len(self._timeline.violations)}, MB of workers {[size >> 20 for size in sizes]}"
            )

    async def _ask(self, connection: Any) -> None:
        async with asyncio.timeout(5):
            rows = await connection.fetch(POSITIONS)
            self.assigned = await connection.fetchval(ASSIGNED)
            self.unpublished = await connection.fetchval(UNPUBLISHED)
        now = self._timeline.now
        for topic, partition, position, _ in rows:
            place = topic, partition
            if position < self._positions.get(place, 0):
                self._timeline.violation(f"the position of {topic}[{partition}] has gone back to {position}")
            if position != self._positions.get(place):
                self._moved[place] = now
            self._positions[place] = position
        handled = sum(row["handled"] for row in rows)
        if handled > self.handled:
            self._progressed = now
        self.handled = handled

    async def _note(self) -> None:
        now = self._timeline.now
        self.largest_backlog = max(self.largest_backlog, self.backlog)
        if not self.backlog:
            self._progressed = now
        if any(fault.server for fault in self._timeline.at_work):
            self._served = now
        self.longest_gap = max(self.longest_gap, now - self._progressed)
        self.longest_gap_served = max(self.longest_gap_served, now - max(self._progressed, self._served))
        still = self._still(now)
        if still > STILL_SECONDS or self.backlog > self._sender.per_second:
            self._well = None
        elif self._well is None:
            self._well = now
        self._recover(now)
        await asyncio.sleep(LOOK_PAUSE)

    def _still(self, now: float) -> float:
        """For how long the partition that is worst off has stood still with records to be read."""
        for place, end in self._sender.ends.items():
            if self._positions.get(place, 0) >= end or place not in self._moved:
                self._moved[place] = now
                self._stuck.discard(place)
            elif now - self._moved[place] > STUCK_SECONDS and place not in self._stuck:
                self._stuck.add(place)
                self._timeline.violation(f"{place[0]}[{place[1]}] stands still for {STUCK_SECONDS:.0f} s")
        still = max((now - self._moved[place] for place in self._sender.ends), default=0.0)
        self.longest_still = max(self.longest_still, still)
        return still

    def _has_been_well(self, now: float) -> bool:
        return self._well is not None and now - self._well >= HOLD_SECONDS

    def _recover(self, now: float) -> None:
        for fault in self._timeline.faults:
            if fault.ended is None or fault.drained is not None or not fault.alone:
                continue
            if fault.first is None and self.handled > fault.handled:
                fault.first = now - fault.ended
            if self._well is not None and now - max(self._well, fault.ended) >= HOLD_SECONDS:
                fault.drained = max(self._well - fault.ended, 0.0)
