"""Finds partitions that nobody reads although records wait, and partitions that a foreign consumer holds.

The position in Postgres is the truth: only workers of this database move it. A group member that holds a partition
without moving its position may be another program's consumer, a worker of another database, or stuck.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import NamedTuple, TypeAlias

import structlog

from worker.kafka.group.members import ConsumerGroup, Member
from worker.log.reminders import Schedule
from worker.records.record import Partition
from worker.stillness import Stillness

STILL_SECONDS = 30.0  # seconds; a rebalance may take as long
LONGEST_STEP = 20.0  # the most seconds that one look adds, even after a long time without one

STRANGER = (
    "a consumer that is no worker is in our group, and nobody assigns the leads of these partitions: "
    "give it a group id of its own"
)
HELD = "records wait and their position does not move: the holder is stuck, or is no worker of this database"
UNHELD = "records wait and nobody holds these partitions: find out why the running workers do not join, or start one"

log = structlog.get_logger()


class Span(NamedTuple):
    """Offsets of a partition: the group's position, and the end of the log."""

    position: int
    end: int


class UnattendedPartition(NamedTuple):
    """A partition without a reader, its holder, and the seconds for which this worker has seen it in this state."""

    partition: Partition
    holder: Member | None
    is_strangers: bool
    seconds: float


Spans: TypeAlias = Mapping[Partition, Span]
Probe: TypeAlias = Callable[[Spans], Awaitable[set[Partition]]]  # returns the partitions with a record in their span
Cause: TypeAlias = tuple[str, str, bool]  # the holder's client id and host, and True for a foreign consumer


class Attendance:
    """Remembers between looks for how long each partition's position has not moved."""

    def __init__(self, inputs: Collection[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._inputs = inputs
        self._still = Stillness[Partition](LONGEST_STEP, clock)
        self._state = ""
        self._holders: dict[Partition, Member] = {}  # the holders in the group's last settled state
        self._empty: dict[Partition, Span] = {}  # spans with transaction markers and without a record
        self._due = Schedule[Cause](clock)

    async def look(self, unread: Spans, group: ConsumerGroup, probe: Probe) -> list[UnattendedPartition]:
        """Find the unattended partitions, from the spans behind the positions and the holders of the partitions."""
        self._state = group.state
        if group.is_settled:
            self._holders = {at: holder for at, holder in group.holders().items() if at[0] in self._inputs}
        strangers = {at: holder for at, holder in self._holders.items() if holder.is_stranger(self._inputs)}
        states: dict[Partition, object] = {at: span.position for at, span in unread.items()}
        still = self._still.look(states | {at: holder.id for at, holder in strangers.items()})
        standing = {at: unread[at] for at in unread if at not in strangers and still[at] >= STILL_SECONDS}
        stuck = await self._with_records(standing, probe)
        found = [*strangers, *stuck]
        return [UnattendedPartition(at, self._holders.get(at), at in strangers, still[at]) for at in sorted(found)]

    async def _with_records(self, standing: Spans, probe: Probe) -> set[Partition]:
        unknown = {at: span for at, span in standing.items() if self._empty.get(at) != span}
        found = await probe(unknown) if unknown else set()
        self._empty = {at: span for at, span in standing.items() if at not in found}
        return found

    def lag(self, unread: Spans) -> dict[str, int]:
        """Number of unread offsets by topic, without spans that are known to have no record."""
        behind = dict.fromkeys(self._inputs, 0)
        for (topic, number), span in unread.items():
            if self._empty.get((topic, number)) != span:
                behind[topic] += span.end - span.position
        return behind

    def report(self, found: Iterable[UnattendedPartition]) -> None:
        """Log the unattended partitions, a line for each holder, and those that are attended again."""
        by_cause: dict[Cause, list[UnattendedPartition]] = {}
        for each in found:
            holder = each.holder
            cause = holder.client_id if holder else "", holder.host if holder else "", each.is_strangers
            by_cause.setdefault(cause, []).append(each)
        for cause in self._due.due(by_cause):
            _report(cause, by_cause[cause], self._state)
        for client_id, host, _ in self._due.over(by_cause):
            log.info("partitions_attended", client_id=client_id, host=host)


def _report(cause: Cause, found: list[UnattendedPartition], state: str) -> None:
    client_id, host, is_strangers = cause
    held = HELD if client_id or host else UNHELD
    log.error(
        "partitions_unattended",
        why=STRANGER if is_strangers else held,
        client_id=client_id,
        host=host,
        group_state=state,
        partitions=[f"{topic}[{number}]" for topic, number in (each.partition for each in found)],
        seconds=round(max(each.seconds for each in found)),
    )
