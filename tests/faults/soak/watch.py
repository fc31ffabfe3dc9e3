"""Looks at the ledger four times a second: is there progress, and how soon after each fault?"""

from __future__ import annotations

import asyncio
from typing import Any

from tests.faults.soak.crew import Crew
from tests.faults.soak.sender import Sender
from tests.faults.soak.timeline import Timeline
from tests.stage.stage import Stage
from worker import postgres

LOOK_PAUSE = 0.25
TELL_SECONDS = 60.0
STUCK_SECONDS = 120.0  # with nothing wrong any more

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
        self._stage = stage
        self._sender = sender
        self._crew = crew
        self._timeline = timeline
        self._positions: dict[tuple[str, int], int] = {}
        self._progressed = 0.0
        self._served = 0.0  # since when no server has been away
        self._calm = 0.0  # since when no fault has been at work
        self._told_stuck = False

    @property
    def backlog(self) -> int:
        return max(self._sender.in_log - self.handled, 0)

    @property
    def recovered(self) -> bool:
        """Whether nothing is at work and the workers keep up."""
        return not self._timeline.at_work and self.backlog <= self._sender.per_second

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
        for topic, partition, position, _ in rows:
            if position < self._positions.get((topic, partition), 0):
                self._timeline.violation(f"the position of {topic}[{partition}] has gone back to {position}")
            self._positions[topic, partition] = position
        handled = sum(row["handled"] for row in rows)
        if handled > self.handled:
            self._progressed, self._told_stuck = self._timeline.now, False
        self.handled = handled

    async def _note(self) -> None:
        now, at_work = self._timeline.now, self._timeline.at_work
        self.largest_backlog = max(self.largest_backlog, self.backlog)
        if not self.backlog:
            self._progressed = now
        if at_work:
            self._calm = now
        if any(fault.server for fault in at_work):
            self._served = now
        self.longest_gap = max(self.longest_gap, now - self._progressed)
        self.longest_gap_served = max(self.longest_gap_served, now - max(self._progressed, self._served))
        if now - max(self._progressed, self._calm) > STUCK_SECONDS and not self._told_stuck:
            self._told_stuck = True
            self._timeline.violation(f"no progress for {STUCK_SECONDS:.0f} s with nothing wrong any more")
        self._recover(now)
        await asyncio.sleep(LOOK_PAUSE)

    def _recover(self, now: float) -> None:
        for fault in self._timeline.faults:
            if fault.ended is None or fault.drained is not None or not fault.alone:
                continue
            if fault.first is None and self.handled > fault.handled:
                fault.first = now - fault.ended
            if fault.first is not None and self.backlog <= max(fault.before, self._sender.per_second):
                fault.drained = now - fault.ended
