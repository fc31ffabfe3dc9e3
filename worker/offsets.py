"""Input positions as an operator sees them, and setting them elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db import query
from worker import postgres
from worker.intake import positions
from worker.intake.positions import Position
from worker.kafka.admin import administration
from worker.kafka.group.members import Member
from worker.kafka.logs import Logs
from worker.kafka.reader import bounds, offsets_at
from worker.records.record import Partition
from worker.settings import Settings

LOCK_POSITIONS = query("positions/lock")
END_READINGS = query("positions/end_readings")
BEGIN_READINGS = query("positions/begin_readings")


class End(StrEnum):
    """Of a log."""

    EARLIEST = "earliest"
    LATEST = "latest"


Target = End | datetime  # where to read on; a time: at the first record that is not older


class ResetRefusedError(Exception):
    """The positions can't be reset now; says why."""


class State(StrEnum):
    """Whether a worker can read on from a position."""

    OK = "ok"
    UNREAD = "not read yet"
    MISSING = "not in the cluster"
    OTHER_CLUSTER = "of another cluster"
    OTHER_TOPIC = "topic made anew"
    CUT = "log cut and written over"
    BEFORE = "before the log"
    BEHIND = "behind the log's end"


@dataclass(frozen=True, slots=True)
class Place:
    """A partition as Kafka has it: where it starts, where it ends."""

    start: int
    end: int
    stable: int | None = None  # up to where it can be read, if an open transaction holds what lies behind


@dataclass(frozen=True, slots=True)
class Seen:
    """A partition, its position if it was ever read, and its log if there is one."""

    partition: Partition
    position: Position | None
    place: Place | None
    state: State
    holder: Member | None = None  # who in the group has it to read

    @property
    def same_log(self) -> bool:
        """Whether its offsets can be compared with those of the log."""
        return self.state in {State.OK, State.BEFORE, State.BEHIND}

    @property
    def words(self) -> str:
        """The state, and where a sender's open transaction holds everybody up."""
        if self.state in {State.OK, State.UNREAD} and self.place and self.place.stable is not None:
            return f"held by an open transaction of a sender since offset {self.place.stable}"
        return str(self.state)

    @property
    def lag(self) -> int | None:
        """Offsets still to be read."""
        if self.place is None or not (self.same_log or self.position is None):
            return None
        at = self.position.next_offset if self.position else self.place.start
        return max(self.place.end - at, 0)


@dataclass(frozen=True, slots=True)
class View:
    """Every partition of the inputs, and the cluster they were looked for in."""

    logs: Logs
    partitions: list[Seen]
    inputs: frozenset[str]

    def held_by_strangers(self) -> dict[str, list[Partition]]:
        """Partitions that a consumer holds which is no worker, by its name."""
        found: dict[str, list[Partition]] = {}
        for seen in self.partitions:
            if seen.holder and seen.holder.is_stranger(self.inputs):
                found.setdefault(str(seen.holder), []).append(seen.partition)
        return found


@dataclass(frozen=True, slots=True)
class Move:
    """A position that is to be set; ``to`` is None where its partition no longer exists, and it only ends."""

    seen: Seen
    to: int | None

    @property
    def again(self) -> int:
        """Offsets of the same log that are read a second time."""
        before, place = self.seen.position, self.seen.place
        if before is None or place is None or self.to is None or not self.seen.same_log:
            return 0
        return max(min(before.next_offset, place.end) - self.to, 0)

    @property
    def unread(self) -> int:
        """Offsets that are never read: skipped, or no longer there."""
        if self.to is None or self.seen.place is None:
            return 0
        before = self.seen.position if self.seen.same_log else None
        return max(self.to - (before.next_offset if before else self.seen.place.start), 0)


async def look(settings: Settings, connection: postgres.Connection) -> View:
    """How far the group is, and what the logs hold. Raises the ``TROUBLE`` of Kafka and Postgres."""
    topics = settings.topics.inputs
    async with administration(settings.kafka) as admin:
        logs = await admin.logs(await admin.topics(topics))
        holders = (await admin.group(settings.kafka.group_id)).holders()
        kept = await positions.read(connection, settings.kafka.group_id)
        ends = await admin.ends_of(positions.with_newer_leader(kept, logs), logs)
    cut = {at for at, end in ends.items() if positions.is_cut(kept[at], end)}
    places = await _places(settings, list(logs.topics))
    ours = sorted(places.keys() | {at for at in kept if at[0] in topics})
    states = {at: _state(at, kept.get(at), places.get(at), logs, is_cut=at in cut) for at in ours}
    partitions = [Seen(at, kept.get(at), places.get(at), state, holders.get(at)) for at, state in states.items()]
    return View(logs, partitions, frozenset(topics))


async def _places(settings: Settings, topics: Collection[str]) -> dict[Partition, Place]:
    """What is sent and committed between two looks is no open transaction: the point must stand still meanwhile."""
    stable = {at: end for at, (_, end) in (await bounds(settings.kafka, topics, "read_committed")).items()}
    found = await bounds(settings.kafka, topics)
    again = {at: end for at, (_, end) in (await bounds(settings.kafka, topics, "read_committed")).items()}
    return {
        at: Place(start, end, again[at] if again[at] == stable[at] < end else None)
        for at, (start, end) in found.items()
    }


def _state(partition: Partition, position: Position | None, place: Place | None, logs: Logs, *, is_cut: bool) -> State:
    if place is None:
        return State.MISSING
    if position is None:
        return State.UNREAD
    if position.in_other_cluster(logs):
        return State.OTHER_CLUSTER
    if position.in_other_topic(partition, logs):
        return State.OTHER_TOPIC
    return State.CUT if is_cut else _state_in(place, position.next_offset)


def _state_in(place: Place, at: int) -> State:
    if at < place.start:
        return State.BEFORE
    return State.BEHIND if at > place.end else State.OK


async def plan_reset(settings: Settings, view: View, to: Target, topics: Collection[str]) -> list[Move]:
    """What setting the positions of these topics would change. Raises ResetRefusedError, or Kafka's ``TROUBLE``."""
    if missing := sorted(set(topics) - view.logs.topics.keys()):
        raise ResetRefusedError(f"{', '.join(missing)}: not in the cluster; run `salesplan topics create`")
    chosen = [seen for seen in view.partitions if seen.partition[0] in topics]
    targets = await _targets(settings, {seen.partition: seen.place for seen in chosen if seen.place}, to)
    moves = [Move(seen, targets.get(seen.partition)) for seen in chosen]
    return [move for move in moves if not _stays(move)]


async def _targets(settings: Settings, places: Mapping[Partition, Place], to: Target) -> dict[Partition, int]:
    if isinstance(to, datetime):
        found = await offsets_at(settings.kafka, places.keys(), to)
        # Where nothing is that late, what comes next is.
        return {at: place.end if (offset := found.get(at)) is None else offset for at, place in places.items()}
    return {at: place.start if to is End.EARLIEST else place.end for at, place in places.items()}


def _stays(move: Move) -> bool:
    seen = move.seen
    if seen.position is None:
        # A worker that finds no position starts at the earliest record by itself.
        return seen.place is None or move.to == seen.place.start
    return seen.same_log and seen.position.next_offset == move.to


async def members(settings: Settings) -> int:
    """How many workers are in the group now."""
    async with administration(settings.kafka) as admin:
        return len((await admin.group(settings.kafka.group_id)).members)


async def reset(
    settings: Settings, connection: postgres.Connection, view: View, moves: Iterable[Move], *, to: Target, by: str
) -> None:
    """Set positions, all or none. What was counted up to here is kept in ``position_past``.

    A worker that joins meanwhile does no harm: what it has in hand is of an earlier reading. But it would hide from
    the operator what becomes of his reset, so none may be in the group. Raises ResetRefusedError.
    """
    if workers := await members(settings):
        raise ResetRefusedError(f"{workers} workers are in the group; stop them all, wait until they left it (10 s)")
    group, moves = settings.kafka.group_id, list(moves)
    async with postgres.transaction(connection):
        found = {(row[0], row[1]): Position(*row[2:]) for row in await connection.fetch(LOCK_POSITIONS, group)}
        if any(found.get(move.seen.partition) != move.seen.position for move in moves):
            raise ResetRefusedError("the positions have moved since they were looked at; try again")
        ended = [move.seen.partition for move in moves if move.seen.position]
        await connection.execute(END_READINGS, group, *_columns(ended, 2), by, _text(to))
        begun = [(*move.seen.partition, move.to) for move in moves if move.to is not None]
        ids = [view.logs.topics[topic] for topic, *_ in begun]
        await connection.execute(BEGIN_READINGS, group, *_columns(begun, 3), view.logs.cluster_id, ids)


def _columns(rows: Collection[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[column] for row in rows] for column in range(width)]


def _text(to: Target) -> str:
    return to.isoformat() if isinstance(to, datetime) else to.value
